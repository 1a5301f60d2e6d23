use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference, RefundId};
use domain::journal::Movement;
use domain::money::Money;
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome, RefundReason};
use domain::time::Timestamp;

use super::{Fault, Watched};

/// What the provider is asked to collect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// For which donation; travels as metadata, so that whatever comes back can be matched.
    pub donation: DonationId,
    /// For which appeal; travels as metadata.
    pub appeal: Appeal,
    /// How much.
    pub amount: Money,
    /// From what.
    pub token: PaymentToken,
    /// The attempt's key.
    pub key: ProviderKey,
    /// Where the bank sends the donor back to.
    pub return_url: String,
    /// Whether the bank is asked to have the donor confirm the payment, where its card can (3-D Secure).
    pub step_up: bool,
}

/// What came of asking for a payment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// What the provider said.
    pub outcome: PaymentOutcome,
    /// What the provider calls the card for good, whatever token stands for it today; where the answer tells.
    pub card: Option<String>,
}

/// A payment provider.
///
/// Asking for money or about it never returns an error: everything that can go wrong is an outcome, because "it
/// failed" is never known unless the outcome says so. Every answer comes with what it shows of the provider itself, so
/// that whoever calls it can keep to its pace; an answer made of several calls shows what the last of them shows.
pub trait PaymentProvider {
    /// How long the provider's keys may be trusted.
    fn key_life(&self) -> KeyLife;

    /// Most milliseconds that one question may take, so that none starts that cannot end before the deadline.
    fn call_millis_max(&self) -> u64;

    /// Asks for the payment. Safe to repeat with the same key until [`KeyLife::reuse_until`].
    fn collect(&self, collection: &Collection) -> impl Future<Output = Watched<Collected>>;

    /// What became of the payment with this reference.
    fn look_up(&self, reference: &ProviderReference) -> impl Future<Output = Watched<PaymentOutcome>>;

    /// One page of the provider's list of payments (never its search, which lags): all that were made since `since`.
    /// `after` is [`PaymentPage::next`] of the page before.
    fn payments(
        &self,
        since: Timestamp,
        after: Option<&str>,
    ) -> impl Future<Output = Watched<Result<PaymentPage, Fault>>>;

    /// Calls a payment off that waits for the donor. [`PaymentOutcome::Cancelled`] means that it can never take money
    /// any more; a payment that took money first is [`PaymentOutcome::Captured`].
    fn call_off(
        &self,
        reference: &ProviderReference,
        key: &ProviderKey,
    ) -> impl Future<Output = Watched<PaymentOutcome>>;

    /// Asks for a refund. Safe to repeat with the same key until [`KeyLife::reuse_until`].
    fn refund(&self, order: &RefundOrder) -> impl Future<Output = Watched<RefundOutcome>>;

    /// What became of the refund with this reference.
    fn look_up_refund(&self, reference: &ProviderReference) -> impl Future<Output = Watched<RefundOutcome>>;

    /// What became of a refund of this payment that carries our id, through the provider's list. `Ok(None)` means that
    /// the list is complete and holds no such refund.
    fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> impl Future<Output = Watched<Result<Option<RefundNews>, Fault>>>;

    /// All that the provider knows of a dispute; `None` when it knows of none under this reference.
    fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> impl Future<Output = Watched<Result<Option<DisputeNews>, Fault>>>;

    /// Which donation the payment with this reference names; `None` when it names none, or there is no such payment.
    fn donation_of(
        &self,
        payment: &ProviderReference,
    ) -> impl Future<Output = Watched<Result<Option<DonationId>, Fault>>>;

    /// One page of the provider's own account of its balance: everything that moved since `since`, newest first.
    /// `after` is [`MovementPage::next`] of the page before.
    fn movements(
        &self,
        since: Timestamp,
        after: Option<&str>,
    ) -> impl Future<Output = Watched<Result<MovementPage, Fault>>>;
}

/// What the provider is asked to give back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundOrder {
    /// Our id; travels as metadata, so that whatever comes back can be matched.
    pub refund: RefundId,
    /// For which donation; travels as metadata.
    pub donation: DonationId,
    /// The provider's id of the payment.
    pub payment: ProviderReference,
    /// How much.
    pub amount: Money,
    /// All that was ever asked back of this payment with this refund, for providers that want to be told.
    pub total: Money,
    /// Why.
    pub reason: RefundReason,
    /// The attempt's key.
    pub key: ProviderKey,
}

/// A page of payments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentPage {
    /// The payments that name a donation, and what became of each.
    pub payments: Vec<(DonationId, PaymentOutcome)>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// A page of movements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovementPage {
    /// The movements, newest first.
    pub movements: Vec<Movement>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}
