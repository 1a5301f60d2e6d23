//! What `SendEmail` carries, and the message that it makes.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use lettre::message::{
    Mailbox, Message, MessageBuilder, MultiPart, SinglePart,
    header::{HeaderName, HeaderValue},
};
use mail_parser::{Address, MessageParser};
use serde::Deserialize;

use crate::reply::Failure;

/// Most recipients of one e-mail (SES quota).
const RECIPIENTS_MAX: usize = 50;
/// Most tags of one e-mail (SES quota).
const TAGS_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendEmail {
    from_email_address: Option<String>,
    #[serde(default)]
    destination: Destination,
    #[serde(default = "Vec::new")]
    reply_to_addresses: Vec<String>,
    content: Content,
    #[serde(default = "Vec::new")]
    email_tags: Vec<Tag>,
    pub(super) configuration_set_name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Destination {
    #[serde(rename = "ToAddresses")]
    to: Vec<String>,
    #[serde(rename = "CcAddresses")]
    cc: Vec<String>,
    #[serde(rename = "BccAddresses")]
    bcc: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
    raw: Option<Raw>,
    template: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Raw {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Text,
    body: Body,
    #[serde(default = "Vec::new")]
    headers: Vec<Tag>,
    attachments: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Text>,
    html: Option<Text>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Text {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    name: String,
    value: String,
}

/// A message ready to be kept.
pub(super) struct Composed {
    pub(super) bytes: Vec<u8>,
    /// Addresses that it claims to be from, each of which must be verified.
    pub(super) from: Vec<String>,
    pub(super) to: Vec<String>,
    pub(super) subject: String,
}

/// SES's error for a bad parameter.
pub(super) fn bad_request(message: impl Into<String>) -> Failure {
    Failure::sender("BadRequestException", message)
}

impl SendEmail {
    pub(super) fn is_raw(&self) -> bool {
        self.content.raw.is_some()
    }

    /// The tags by name.
    pub(super) fn checked_tags(&self) -> Result<BTreeMap<String, String>, Failure> {
        let allowed = |text: &str| {
            (1..=256).contains(&text.len())
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-".contains(&b))
        };
        if self.email_tags.len() > TAGS_MAX {
            return Err(bad_request(format!(
                "EmailTags has {} tags; it may have {TAGS_MAX}.",
                self.email_tags.len()
            )));
        }
        let mut tags = BTreeMap::new();
        for tag in &self.email_tags {
            if !allowed(&tag.name) || !allowed(&tag.value) {
                let rule = "names and values are 1 to 256 of A-Z, a-z, 0-9, underscore and hyphen";
                return Err(bad_request(format!("EmailTags: {rule}.")));
            }
            tags.insert(tag.name.clone(), tag.value.clone());
        }
        Ok(tags)
    }

    /// Makes the message.
    pub(super) fn compose(&self, message_id: &str) -> Result<Composed, Failure> {
        let composed = match (&self.content.simple, &self.content.raw, &self.content.template) {
            (Some(simple), None, None) => self.compose_simple(simple, message_id),
            (None, Some(raw), None) => self.compose_raw(raw),
            (None, None, Some(_)) => {
                Err(bad_request("Content.Template is not supported by this local endpoint."))
            }
            _ => Err(bad_request("Content must have exactly one of Simple, Raw and Template.")),
        }?;
        match composed.to.len() {
            0 => Err(bad_request("The e-mail has no recipient.")),
            count if count > RECIPIENTS_MAX => {
                Err(Failure::sender("MessageRejected", "Recipient count exceeds 50."))
            }
            _ => Ok(composed),
        }
    }

    /// A raw message is kept byte for byte; `Destination` is the envelope where it is given.
    fn compose_raw(&self, raw: &Raw) -> Result<Composed, Failure> {
        let bytes = BASE64
            .decode(raw.data.as_bytes())
            .map_err(|error| bad_request(format!("Content.Raw.Data is not base64: {error}")))?;
        let parsed = MessageParser::default().parse_headers(&bytes);
        let parsed =
            parsed.ok_or_else(|| bad_request("Content.Raw.Data is not a message: it has no headers."))?;
        let mut from = addresses(parsed.from());
        if from.is_empty() {
            return Err(bad_request("Content.Raw.Data has no From header."));
        }
        if let Some(sender) = &self.from_email_address {
            from.push(mailbox("FromEmailAddress", sender)?.email.to_string());
        }
        let given = self.recipients()?;
        let to = if given.is_empty() {
            [parsed.to(), parsed.cc(), parsed.bcc()].into_iter().flat_map(addresses).collect()
        } else {
            given.into_iter().map(|mailbox| mailbox.email.to_string()).collect()
        };
        let subject = parsed.subject().unwrap_or_default().to_owned();
        Ok(Composed { bytes, from, to, subject })
    }

    fn compose_simple(&self, simple: &Simple, message_id: &str) -> Result<Composed, Failure> {
        if simple.attachments.as_ref().is_some_and(|list| !list.is_empty()) {
            return Err(bad_request("Content.Simple.Attachments is not supported by this local endpoint."));
        }
        let sender = self.from_email_address.as_deref();
        let from =
            mailbox("FromEmailAddress", sender.ok_or_else(|| bad_request("FromEmailAddress is required."))?)?;
        let mut builder = Message::builder()
            .from(from.clone())
            .subject(simple.subject.data.clone())
            .message_id(Some(format!("<{message_id}@{}.amazonses.com>", crate::settings::REGION)));
        for address in &self.destination.to {
            builder = builder.to(mailbox("Destination.ToAddresses", address)?);
        }
        for address in &self.destination.cc {
            builder = builder.cc(mailbox("Destination.CcAddresses", address)?);
        }
        for address in &self.reply_to_addresses {
            builder = builder.reply_to(mailbox("ReplyToAddresses", address)?);
        }
        for header in &simple.headers {
            builder = with_header(builder, header)?;
        }
        let to: Vec<String> =
            self.recipients()?.into_iter().map(|mailbox| mailbox.email.to_string()).collect();
        if to.is_empty() {
            return Err(bad_request("The e-mail has no recipient."));
        }
        if self.destination.to.is_empty() && self.destination.cc.is_empty() {
            // The builder wants an envelope, which blind copies do not show in.
            builder = builder.envelope(envelope(&from, &to)?);
        }
        let message = with_body(builder, &simple.body)?;
        let from = vec![from.email.to_string()];
        Ok(Composed { bytes: message.formatted(), from, to, subject: simple.subject.data.clone() })
    }

    fn recipients(&self) -> Result<Vec<Mailbox>, Failure> {
        let Destination { to, cc, bcc } = &self.destination;
        let all = to.iter().chain(cc).chain(bcc);
        all.map(|address| mailbox("Destination", address)).collect()
    }
}

fn with_body(builder: MessageBuilder, body: &Body) -> Result<Message, Failure> {
    let message = match (&body.text, &body.html) {
        (Some(text), Some(html)) => {
            builder.multipart(MultiPart::alternative_plain_html(text.data.clone(), html.data.clone()))
        }
        (Some(text), None) => builder.singlepart(SinglePart::plain(text.data.clone())),
        (None, Some(html)) => builder.singlepart(SinglePart::html(html.data.clone())),
        (None, None) => return Err(bad_request("Content.Simple.Body must have Text or Html.")),
    };
    message.map_err(|error| bad_request(format!("Content.Simple: {error}")))
}

fn with_header(builder: MessageBuilder, header: &Tag) -> Result<MessageBuilder, Failure> {
    let name = HeaderName::new_from_ascii(header.name.clone()).map_err(|_| {
        bad_request(format!("Content.Simple.Headers: {:?} is not a header name.", header.name))
    })?;
    Ok(builder.raw_header(HeaderValue::new(name, header.value.clone())))
}

fn envelope(from: &Mailbox, to: &[String]) -> Result<lettre::address::Envelope, Failure> {
    let to: Result<Vec<lettre::Address>, _> = to.iter().map(|address| address.parse()).collect();
    let to = to.map_err(|error| bad_request(format!("Destination: {error}")))?;
    lettre::address::Envelope::new(Some(from.email.clone()), to)
        .map_err(|error| bad_request(error.to_string()))
}

/// The field is named, the address is not: it may be a donor's.
fn mailbox(field: &str, text: &str) -> Result<Mailbox, Failure> {
    text.parse().map_err(|error| bad_request(format!("{field} has an address that cannot be read: {error}.")))
}

fn addresses(header: Option<&Address<'_>>) -> Vec<String> {
    let all = header.into_iter().flat_map(Address::iter);
    all.filter_map(|address| address.address().map(str::to_owned)).collect()
}
