//! The receipt of one donation: sent at most once by us, and never silently missing.
//!
//! The mail service has no idempotency key, so a lost answer cannot be repeated safely. A claim is stored
//! before the mail is handed over; a claim whose end nobody saw becomes [`Receipt::Ambiguous`], which is
//! shown and never resent by itself.

use crate::ids::{ClaimId, MailId};
use crate::time::{Span, Timestamp};

/// How long a claim may be under way before its sender is taken for dead. Longer than any sender can run.
pub const CLAIM_LIFE: Span = Span::seconds(60);

/// Where the receipt stands.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Receipt {
    /// Not begun.
    NotSent,
    /// A sender has claimed it and may have handed it over.
    Sending {
        /// Who.
        claim: ClaimId,
        /// Since when.
        claimed_at: Timestamp,
    },
    /// The mail service accepted it.
    Sent {
        /// The mail service's id.
        mail: MailId,
        /// When.
        sent_at: Timestamp,
    },
    /// It may or may not have been handed over; a person decides whether to send a copy.
    Ambiguous {
        /// The claim whose end nobody saw.
        claim: ClaimId,
        /// Since when.
        since: Timestamp,
    },
}

impl Receipt {
    /// The state's name as it is stored and shown.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::Sending { .. } => "sending",
            Self::Sent { .. } => "sent",
            Self::Ambiguous { .. } => "ambiguous",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_receipt_has_the_name_that_is_stored() {
        let (claim, at) = (ClaimId::parse("claim-a1").unwrap(), Timestamp::from_millis(0));
        let sending = Receipt::Sending { claim: claim.clone(), claimed_at: at };
        let sent = Receipt::Sent { mail: MailId::parse("mail-1").unwrap(), sent_at: at };
        let ambiguous = Receipt::Ambiguous { claim, since: at };
        let names = [Receipt::NotSent, sending, sent, ambiguous].map(|receipt| receipt.name());
        assert_eq!(names, ["not_sent", "sending", "sent", "ambiguous"]);
    }
}
