use domain::donor::EmailAddress;
use domain::ids::{DonationId, MailId};

use super::Fault;

/// An e-mail to a donor.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The donor's address.
    pub to: EmailAddress,
    /// Subject line.
    pub subject: String,
    /// Plain text part.
    pub text: String,
    /// HTML part.
    pub html: String,
    /// The donation that the mail is about; travels as a tag, so that the service's own events can be matched.
    pub donation: DonationId,
}

/// Why a mail was not certainly accepted.
#[derive(Debug, thiserror::Error)]
pub enum MailFault {
    /// The service certainly did not take the mail; it may be sent again.
    #[error("the mail was not sent")]
    NotSent(#[source] Fault),
    /// The service may have taken the mail; sending again could send it twice.
    #[error("nobody knows whether the mail was sent")]
    Unknown(#[source] Fault),
}

/// The mail service. It cannot recognise a repetition, so it is called at most once for each claim.
pub trait Mailer {
    /// Hands over one mail, in one try.
    fn send(&self, mail: &Mail) -> impl Future<Output = Result<MailId, MailFault>>;
}
