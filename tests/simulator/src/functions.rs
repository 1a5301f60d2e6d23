//! The functions as they are deployed, with the timeouts and triggers that the topology gives them.

use std::sync::OnceLock;

use contracts::topology::Topology;
use domain::time::Span;

/// The topology as shipped, read once.
pub(crate) fn topology() -> &'static Topology {
    static TOPOLOGY: OnceLock<Topology> = OnceLock::new();
    TOPOLOGY.get_or_init(Topology::shipped)
}

/// A function of the pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Function {
    AcceptDonation,
    ShowDonation,
    TakePayment,
    ReceiveWebhook,
    ApplyNotification,
    RefundPayment,
    RequestRefund,
    ResolveReview,
    ReconcilePayments,
    PostJournalEntry,
    SendReceipt,
    ResumeDonations,
}

impl Function {
    /// Those that are fed by a queue.
    pub(crate) const OF_QUEUES: [Self; 5] = [
        Self::TakePayment,
        Self::ApplyNotification,
        Self::RefundPayment,
        Self::PostJournalEntry,
        Self::SendReceipt,
    ];

    /// Its handler's name.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::AcceptDonation => "accept-donation",
            Self::ShowDonation => "show-donation",
            Self::TakePayment => "take-payment",
            Self::ReceiveWebhook => "receive-webhook",
            Self::ApplyNotification => "apply-notification",
            Self::RefundPayment => "refund-payment",
            Self::RequestRefund => "request-refund",
            Self::ResolveReview => "resolve-review",
            Self::ReconcilePayments => "reconcile-payments",
            Self::PostJournalEntry => "post-journal-entry",
            Self::SendReceipt => "send-receipt",
            Self::ResumeDonations => "resume-donations",
        }
    }

    /// The queue that feeds it.
    pub(crate) fn queue(self) -> Option<&'static str> {
        let function = &topology().functions[self.name()];
        function.queue.as_ref().map(|queue| queue.name.as_str())
    }

    /// The function that this queue feeds.
    pub(crate) fn of_queue(queue: &str) -> Option<Self> {
        Self::OF_QUEUES.into_iter().find(|function| function.queue() == Some(queue))
    }

    /// Most messages of one batch.
    pub(crate) fn batch_size(self) -> u32 {
        let function = &topology().functions[self.name()];
        function.queue.as_ref().map_or(1, |queue| queue.batch_size)
    }

    /// How long one invocation may take.
    pub(crate) fn timeout(self) -> Span {
        Span::seconds(u64::from(topology().functions[self.name()].timeout_seconds))
    }
}
