//! What the operator's endpoints answer, as the command line reads it.

use contracts::stored::{DonationItem, EntryItem, WorkItem};
use serde::{Deserialize, Serialize};

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// A sentence for the operator.
    pub message: String,
}

/// Whether the stack serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Always `ready`: the endpoint answers only once everything has started.
    pub status: String,
    /// Base URL of the API.
    pub public_url: String,
    /// Base URL of the payment provider.
    pub provider_url: String,
    /// Whether the provider is the sandbox.
    pub provider_is_sandbox: bool,
}

/// A queue and its dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// The queue's name.
    pub queue: String,
    /// Messages that can be received now.
    pub visible: usize,
    /// Messages that somebody has received and not deleted.
    pub in_flight: usize,
    /// Messages that were sent with a delay.
    pub delayed: usize,
    /// Age of the oldest message, in milliseconds.
    pub oldest_age_ms: Option<u64>,
    /// Messages in its dead-letter queue.
    pub dead_letters: usize,
}

/// Asks for the dead letters of a queue to be tried again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedriveRequest {
    /// The queue (not its dead-letter queue).
    pub queue: String,
}

/// What was moved back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redriven {
    /// Messages.
    pub moved: usize,
}

/// A part of a list, and where the next part begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The part.
    pub items: Vec<T>,
    /// What to ask for the next part with, as `after`; absent at the end.
    pub next: Option<String>,
}

/// A page of stored donations. Holds donors' data.
pub type DonationPage = Page<DonationItem>;
/// A page of journal entries.
pub type EntryPage = Page<EntryItem>;
/// A page of ids of donations that lack something.
pub type OwedPage = Page<String>;
/// A page of payments as their provider lists them.
pub type PaymentPage = Page<ProviderPayment>;
/// A page of refunds as their provider lists them.
pub type RefundPage = Page<ProviderRefund>;
/// A page of disputes as their provider lists them.
pub type DisputePage = Page<ProviderDispute>;
/// A page of a provider's own account of its balance.
pub type MovementPage = Page<ProviderMovement>;
/// A page of the work-list, open and closed.
pub type WorkPage = Page<WorkItem>;

/// A payment as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderPayment {
    /// Which provider.
    pub provider: String,
    /// The provider's id.
    pub reference: String,
    /// The provider's word for its state.
    pub status: String,
    /// Minor units taken, whatever became of them since.
    pub received_minor: u64,
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// The donation that it was made for, as our connector wrote into it.
    pub donation_id: Option<String>,
}

/// A refund as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRefund {
    /// Which provider.
    pub provider: String,
    /// The provider's id.
    pub reference: String,
    /// The provider's id of the payment.
    pub payment: Option<String>,
    /// The provider's word for its state.
    pub status: String,
    /// Our word for that state; none where nobody has taught us the provider's.
    pub means: Option<String>,
    /// Minor units given back.
    pub minor: u64,
    /// ISO 4217 code in capitals.
    pub currency: String,
}

/// A dispute as the provider knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderDispute {
    /// Which provider.
    pub provider: String,
    /// The provider's id; what we call it, where the provider has none of its own for it.
    pub reference: String,
    /// The provider's id of the payment.
    pub payment: Option<String>,
    /// The provider's word for its state.
    pub status: String,
    /// Our word for that state; none where nobody has taught us the provider's.
    pub means: Option<String>,
    /// Whether it was decided for the donor, even if the money came back after that.
    pub was_lost: bool,
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// What left the balance for it.
    pub withdrawn: Option<ProviderWithdrawal>,
    /// What came back.
    pub reinstated: Option<ProviderWithdrawal>,
}

/// Money that left the provider's balance for a dispute, or came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderWithdrawal {
    /// Minor units of the disputed money.
    pub minor: u64,
    /// Minor units of the fee that was taken or given back with it.
    pub fee_minor: u64,
}

/// One line of the provider's own account of its balance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderMovement {
    /// Which provider.
    pub provider: String,
    /// The provider's id of the line, or of what it is about.
    pub reference: String,
    /// The provider's word for why the money moved.
    pub category: String,
    /// What must be booked for it; together they are what the line adds to the balance.
    pub effects: Vec<MovementEffect>,
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
}

/// What must be booked for a line of a provider's balance, named as the journal names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MovementEffect {
    /// The kind of the entry.
    pub kind: String,
    /// The id that the entry goes by.
    pub reference: String,
    /// Minor units by which the balance grows; negative where it shrinks.
    pub minor: i64,
}

/// What the provider holds in one currency, whether it can be paid out yet or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderBalance {
    /// Which provider.
    pub provider: String,
    /// ISO 4217 code in capitals.
    pub currency: String,
    /// Minor units.
    pub minor: i64,
}

/// A caught e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailView {
    /// The mail service's id.
    pub id: String,
    /// When it was accepted, in milliseconds since the epoch.
    pub at_ms: u64,
    /// To whom.
    pub to: Vec<String>,
    /// Its subject.
    pub subject: String,
    /// The donation that it is about.
    pub donation_id: Option<String>,
}

/// One thing that happened to a donation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Happening {
    /// When, in milliseconds since the epoch.
    pub at_ms: u64,
    /// Who saw it: `donation`, `ledger`, `messages`, `provider` or `mail`.
    pub seen_by: String,
    /// What.
    pub what: String,
    /// Ids and names; never a donor's.
    pub detail: String,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Its key in the bucket.
    pub key: String,
    /// Its bytes in base64.
    pub base64: String,
}

/// An export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportView {
    /// What the function said.
    pub answer: contracts::export::ExportAnswer,
    /// The files that it named.
    pub files: Vec<ExportFile>,
}

/// What `POST /_local/close-work` takes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CloseWorkRequest {
    /// The item.
    pub id: String,
    /// Who closes it.
    pub by: String,
    /// What they found.
    pub note: String,
}
