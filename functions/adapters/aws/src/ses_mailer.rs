//! E-mail through SES.

use std::time::{Duration, UNIX_EPOCH};

use app::ports::{Clock, Fault, Mail, MailFault, Mailer};
use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::primitives::Blob;
use aws_sdk_sesv2::types::{Destination, EmailContent, MessageTag, RawMessage};
use data_encoding::BASE64;
use domain::ids::MailId;
use lettre::Message;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart};

use crate::call::{Call, CallError};
use crate::connection::Aws;
use crate::system::SystemClock;

const SEND: &str = "send a mail";

/// SES tag that carries the donation's id into SES's own events.
const DONATION_TAG: &str = "donation_id";

/// Most bytes in one encoded word, whose text may have 75 characters (RFC 2047, section 2).
const WORD_BYTES_MAX: usize = 45;

/// The sender is not an e-mail address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the sender must be an e-mail address, such as receipts@charity.example, or Name <address>")]
pub struct MalformedSender;

/// SES as one verified sender, with one configuration set.
#[derive(Debug, Clone)]
pub struct SesMailer {
    client: Client,
    sender: Mailbox,
    configuration_set: String,
}

impl SesMailer {
    /// Mails from `sender` (a verified identity) through this configuration set.
    ///
    /// # Errors
    /// [`MalformedSender`].
    pub fn new(
        aws: &Aws,
        sender: &str,
        configuration_set: impl Into<String>,
    ) -> Result<Self, MalformedSender> {
        let sender = sender.parse().map_err(|_| MalformedSender)?;
        Ok(Self { client: aws.ses(), sender, configuration_set: configuration_set.into() })
    }

    /// The mail as it goes over the wire: the text, and the same as HTML.
    fn mime(&self, mail: &Mail) -> Result<Vec<u8>, Fault> {
        let address = mail.to.as_str().parse().map_err(|malformed| Fault::permanent(SEND, malformed))?;
        let date = UNIX_EPOCH + Duration::from_millis(SystemClock.now().as_millis());
        let message = with_subject(Message::builder(), &mail.subject)
            .from(self.sender.clone())
            .to(Mailbox::new(None, address))
            .date(date)
            .multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
            .map_err(|error| Fault::permanent(SEND, error))?;
        Ok(message.formatted())
    }
}

/// The subject as it is to be read. What looks like an encoded word of RFC 2047 would be read as what it encodes, and
/// lettre leaves it as it is, so such a subject is encoded whole.
fn with_subject(builder: MessageBuilder, subject: &str) -> MessageBuilder {
    if !subject.contains("=?") {
        return builder.subject(subject);
    }
    let (mut words, mut word) = (Vec::new(), String::new());
    for character in subject.chars() {
        if word.len() + character.len_utf8() > WORD_BYTES_MAX {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let encoded: Vec<_> =
        words.iter().map(|word| format!("=?utf-8?B?{}?=", BASE64.encode(word.as_bytes()))).collect();
    let (name, encoded) = (HeaderName::new_from_ascii_str("Subject"), encoded.join("\r\n "));
    builder.raw_header(HeaderValue::dangerous_new_pre_encoded(name, subject.to_owned(), encoded))
}

impl Mailer for SesMailer {
    /// One attempt. An error of SES's own (5xx), a lost connection and a lost answer leave it open whether the mail
    /// goes out; a refusal (4xx), and a connection that never was, do not.
    async fn send(&self, mail: &Mail) -> Result<MailId, MailFault> {
        let content = self.mime(mail).and_then(|mime| {
            let raw = RawMessage::builder().data(Blob::new(mime)).build();
            raw.map_err(|missing| Fault::permanent(SEND, missing))
        });
        let content = EmailContent::builder().raw(content.map_err(MailFault::NotSent)?).build();
        let tag = MessageTag::builder().name(DONATION_TAG).value(mail.donation.as_str()).build();
        let tag = tag.map_err(|missing| MailFault::NotSent(Fault::permanent(SEND, missing)))?;
        let send = self
            .client
            .send_email()
            .destination(Destination::builder().to_addresses(mail.to.as_str()).build())
            .content(content)
            .email_tags(tag)
            .configuration_set_name(&self.configuration_set);
        let call = || Call::new("ses:SendEmail", "configuration set", &self.configuration_set);
        match send.send().await {
            Ok(answer) => {
                let id = answer.message_id.as_deref().map(MailId::parse);
                // The mail was taken, so sending it again is out of the question, whatever the id looks like.
                let what = "the message's id";
                let unknown =
                    || MailFault::Unknown(CallError::Incomplete { call: call(), what }.into_fault(SEND));
                id.and_then(Result::ok).ok_or_else(unknown)
            }
            Err(error) => {
                let error = CallError::of(call(), error);
                let not_sent = error.certainly_without_effect();
                let fault = error.into_fault(SEND);
                Err(if not_sent { MailFault::NotSent(fault) } else { MailFault::Unknown(fault) })
            }
        }
    }
}
