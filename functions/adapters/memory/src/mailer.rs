//! The mail service: a list of what was handed over.

use std::fmt;

use app::ports::{Mail, MailFault, Mailer};
use domain::ids::MailId;
use domain::time::Timestamp;

use crate::calls::{Operation, Struck};
use crate::memory::{Memory, State};

/// A mail that the service took.
#[derive(Clone, PartialEq, Eq)]
pub struct SentMail {
    /// The service's id.
    pub id: MailId,
    /// When.
    pub at: Timestamp,
    /// The mail.
    pub mail: Mail,
}

/// Shows the id and the donation; the rest is the donor's.
impl fmt::Debug for SentMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mail = f.debug_struct("SentMail");
        mail.field("id", &self.id).field("at", &self.at).field("donation", &self.mail.donation);
        mail.finish_non_exhaustive()
    }
}

impl Memory {
    /// Every mail that was handed over, whether or not the sender learnt of it, oldest first.
    pub fn mails(&self) -> Vec<SentMail> {
        self.state().mails.clone()
    }
}

impl Mailer for Memory {
    async fn send(&self, mail: &Mail) -> Result<MailId, MailFault> {
        let taken = mail.clone();
        let take = move |state: &mut State| {
            let id = MailId::parse(&state.fresh_id()).expect("a UUID is 36 visible ASCII characters");
            state.mails.push(SentMail { id: id.clone(), at: state.now, mail: taken });
            id
        };
        let call = self.call(Operation::SendMail, mail.donation.as_str(), take);
        call.await.map_err(|struck| match struck {
            Struck::Throttled => MailFault::NotSent(struck.fault("send a mail")),
            Struck::Lost => MailFault::Unknown(struck.fault("send a mail")),
        })
    }
}
