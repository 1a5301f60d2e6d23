use domain::ids::DonationId;

use super::Fault;

/// What has happened to a donation, for whoever has to act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DonationEventKind {
    /// It is durable; its payment is owed.
    DonationAccepted,
    /// The money was taken; the entry and the receipt are owed.
    PaymentCaptured,
    /// Money moved after the capture, by a refund or a dispute; entries are owed.
    PaymentReversed,
    /// A refund is to be made, or to be asked after.
    RefundRequested,
}

/// Where events are announced. At least once, in any order; consumers load the donation and trust nothing else.
pub trait Events {
    /// Announces an event. After any fault it may have been announced or not.
    fn publish(
        &self,
        kind: DonationEventKind,
        donation: &DonationId,
    ) -> impl Future<Output = Result<(), Fault>>;
}
