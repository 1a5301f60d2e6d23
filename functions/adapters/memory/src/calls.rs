//! Calls, and the faults that may strike them.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use app::ports::Fault;
use domain::time::Span;

/// Which port is called for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Operation {
    /// `Donations::accept`.
    AcceptDonation,
    /// `Donations::load`.
    LoadDonation,
    /// `Donations::save`.
    SaveDonation,
    /// `Donations::owed`.
    ReadOwed,
    /// `Events::publish`.
    PublishEvent,
    /// `Journal::post`.
    PostEntry,
    /// `Journal::entries_on`.
    ReadEntries,
    /// `Notifications::keep`.
    KeepNotification,
    /// `Notifications::load`.
    LoadNotification,
    /// `NotificationQueue::enqueue`.
    EnqueueNotification,
    /// Parking a message in a dead-letter queue.
    ParkMessage,
    /// `PaymentProvider::collect`.
    CollectPayment,
    /// `PaymentProvider::look_up`.
    LookUpPayment,
    /// `PaymentProvider::payments`.
    ListPayments,
    /// `PaymentProvider::call_off`.
    CallOffPayment,
    /// `PaymentProvider::refund`.
    Refund,
    /// `PaymentProvider::look_up_refund`.
    LookUpRefund,
    /// `PaymentProvider::find_refund`.
    FindRefund,
    /// `PaymentProvider::look_up_dispute`.
    LookUpDispute,
    /// `PaymentProvider::donation_of`.
    LookUpDonation,
    /// `PaymentProvider::movements`.
    ReadMovements,
    /// `Journal::knows`.
    ReadMarker,
    /// `WorkList::open`.
    OpenWork,
    /// `WorkList::open_items`.
    ReadWork,
    /// `WorkList::close`.
    CloseWork,
    /// `Mailer::send`.
    SendMail,
    /// `Exports::keep`.
    KeepExport,
    /// `CapabilityKeys::keys`.
    ReadCapabilityKeys,
    /// `ProviderCredentials::credentials`.
    ReadCredentials,
    /// `Budgets::load`.
    LoadBudget,
    /// `Budgets::save`.
    SaveBudget,
    /// `Readings::load`.
    LoadReading,
    /// `Readings::save`.
    SaveReading,
    /// `Velocity::read`.
    ReadSightings,
    /// `Velocity::note`.
    NoteEnding,
}

/// A call that is about to have its effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// 1 for the first call of the world, and so on.
    pub number: u64,
    /// What is called.
    pub operation: Operation,
    /// What it is about: the id of a donation, entry or notification, an object's key, a shard, a day, or nothing.
    pub subject: String,
}

/// What strikes a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultChoice {
    /// Nothing; the call goes through.
    None,
    /// The service turns the call away. It certainly has no effect.
    Throttle,
    /// The call is lost on the way there. The caller cannot know that it has no effect.
    UnknownNotApplied,
    /// The answer is lost on the way back. The caller cannot know that the call has had its effect.
    UnknownApplied,
    /// The caller gives up, and the call has its effect so much later, when others may have acted meanwhile.
    UnknownAppliedLate(Span),
    /// The call goes through, after so much time.
    Slow(Span),
}

/// What a struck call ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Struck {
    /// The service turned it away: it certainly had no effect.
    Throttled,
    /// There was no answer: it may have had its effect, or may have it yet.
    Lost,
}

impl fmt::Display for Struck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Throttled => "the service turned the call away for now",
            Self::Lost => "no answer",
        })
    }
}

impl Error for Struck {}

impl Struck {
    /// The fault that the caller of a port sees.
    pub fn fault(self, doing: &'static str) -> Fault {
        Fault::transient(doing, self)
    }
}

/// Gives way to the executor's other tasks once.
#[derive(Debug, Default)]
pub(crate) struct Turn {
    given: bool,
}

impl Future for Turn {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        if self.given {
            return Poll::Ready(());
        }
        self.given = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
