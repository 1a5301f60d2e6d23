use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::payment::{KeyLife, PaymentOutcome};
use domain::time::Timestamp;

use super::Fault;

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
}

/// A payment provider.
///
/// No method returns an error: everything that can go wrong is an outcome, because "it failed" is never known unless
/// the outcome says so.
pub trait PaymentProvider {
    /// How long the provider's keys may be trusted.
    fn key_life(&self) -> KeyLife;

    /// Most milliseconds that one call may take, so that no call starts that cannot end before the deadline.
    fn call_millis_max(&self) -> u64;

    /// Asks for the payment. Safe to repeat with the same key until [`KeyLife::reuse_until`].
    fn collect(&self, collection: &Collection) -> impl Future<Output = PaymentOutcome>;

    /// What became of the payment with this reference.
    fn look_up(&self, reference: &ProviderReference) -> impl Future<Output = PaymentOutcome>;

    /// What became of a donation's payment, through the provider's list (never its search, which lags).
    ///
    /// `Ok(None)` means that the list is complete for the time since `since` and holds no such payment. Of several,
    /// a captured one is returned.
    fn find(
        &self,
        donation: &DonationId,
        since: Timestamp,
    ) -> impl Future<Output = Result<Option<PaymentOutcome>, Fault>>;
}
