use std::fmt;

use app::ports::{
    Collected, Collection, Fault, MovementPage, PaymentPage, PaymentProvider, ProviderCredentials,
    RefundOrder, Sign, Watched,
};
use contracts::time::to_rfc3339;
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;

use super::client::{self, GoCardlessClient, Unlisted};
use super::outcome::{self, Verdict};
use super::requests::{CreatePayment, NoParameters};
use super::signs;
use super::wire::{Payment, Payments};
use super::{GoCardlessSettings, SettingsError};
use crate::http::RawAnswer;
use crate::outcomes::{self, report, sign_of_failure};

pub(super) const PAYMENTS: &str = "payments";
const READING: &str = "read a payment of the provider's";
const LISTING: &str = "list the provider's payments";

/// Collects donations through GoCardless, against mandates that donors have given.
///
/// Nothing is ever captured at once: a payment is [`PaymentOutcome::Processing`] for days, and what became of it is
/// learnt from its events.
pub struct GoCardlessConnector<C> {
    pub(super) client: GoCardlessClient<C>,
}

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Sets up the connector. No connection is made.
    ///
    /// # Errors
    /// [`SettingsError`]: the deployment is wrong, and no call can be made.
    pub fn new(settings: GoCardlessSettings<C>) -> Result<Self, SettingsError> {
        Ok(Self { client: GoCardlessClient::new(settings)? })
    }

    /// Reads the payment that the key has made before. It exists: that it cannot be read now proves nothing.
    async fn made_before(
        &self,
        reference: &ProviderReference,
        collection: &Collection,
    ) -> Watched<PaymentOutcome> {
        match self.client.get(&[PAYMENTS, reference.as_str()]).await {
            Ok(answer) => {
                let outcome = outcome::of_made_before(&answer, reference, collection);
                settled(outcome, &answer)
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment look-up");
                let reason = "the payment that the key made could not be read";
                Watched::of(PaymentOutcome::Unknown { reason }, sign_of_failure(&failure))
            }
        }
    }

    async fn ask(&self, collection: &Collection) -> Watched<PaymentOutcome> {
        let body = CreatePayment::of(collection);
        match self.client.post(&[PAYMENTS], &collection.key, &body).await {
            Ok(answer) => match outcome::of_collect(&answer, collection) {
                Verdict::Settled(outcome) => settled(outcome, &answer),
                Verdict::MadeBefore(reference) => self.made_before(&reference, collection).await,
            },
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment request");
                Watched::of(outcomes::of_failure(&failure), sign_of_failure(&failure))
            }
        }
    }

    /// A bank's no may have come after the money: then it was captured, whatever became of it since. Only the events
    /// tell.
    async fn with_its_past(&self, outcome: PaymentOutcome, answer: &RawAnswer) -> Watched<PaymentOutcome> {
        let PaymentOutcome::Declined { reference: Some(reference), .. } = &outcome else {
            return settled(outcome, answer);
        };
        match self.life(reference, "failed").await {
            Ok(life) if life.is_collected => settled(outcome::as_captured(answer, reference), answer),
            Ok(_) => settled(outcome, answer),
            Err(Unlisted { sign, .. }) => {
                let reason = "whether the money was ever there could not be read";
                Watched::of(PaymentOutcome::Unknown { reason }, sign)
            }
        }
    }
}

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Reads a payment for what an answer says of it.
    async fn read<T>(
        &self,
        payment: &ProviderReference,
        say: impl FnOnce(&RawAnswer, &ProviderReference) -> Result<T, &'static str>,
    ) -> Result<T, Unlisted> {
        let answer = self.client.get(&[PAYMENTS, payment.as_str()]).await.map_err(|failure| {
            let sign = sign_of_failure(&failure);
            Unlisted { fault: Fault::transient(READING, failure), sign }
        })?;
        say(&answer, payment).map_err(|reason| {
            let sign = signs::of_answer(&answer);
            Unlisted { fault: Fault::transient(READING, reason), sign }
        })
    }

    /// The `time`th taking back of a payment.
    async fn taken_back(
        &self,
        reference: &ProviderReference,
        payment: &ProviderReference,
        time: u32,
    ) -> Result<Option<DisputeNews>, Unlisted> {
        let Some((amount, status)) = self.read(payment, outcome::amount_and_status).await? else {
            return Ok(None);
        };
        let life = self.life(payment, &status).await?;
        Ok(life.dispute(reference, payment, time, amount))
    }
}

impl<C: ProviderCredentials> PaymentProvider for GoCardlessConnector<C> {
    /// No expiry of keys is documented; they are trusted no longer than those that are known to last a day.
    fn key_life(&self) -> KeyLife {
        KeyLife::DAY
    }

    /// Two calls: a key that was used before is answered with the name of what it made, which is then read.
    fn call_millis_max(&self) -> u64 {
        let whole = self.client.http.timeouts.whole().saturating_mul(2);
        u64::try_from(whole.as_millis()).unwrap_or(u64::MAX)
    }

    /// There is no card: a mandate stands for a bank account, which no answer shows.
    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        self.ask(collection).await.map(|outcome| Collected { outcome, card: None })
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        match self.client.get(&[PAYMENTS, reference.as_str()]).await {
            Ok(answer) => self.with_its_past(outcome::of_look_up(&answer, reference), &answer).await,
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment look-up");
                let reason = "the provider could not be asked";
                Watched::of(PaymentOutcome::Unknown { reason }, sign_of_failure(&failure))
            }
        }
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        let since = to_rfc3339(since);
        let listed = self.client.list::<Payments>(&[("created_at[gte]", &since)], after).await;
        client::watched(listed).map(|page| {
            let (payments, next) = page?;
            if payments.is_empty() && next.is_some() {
                return Err(Fault::transient(LISTING, "the list says that it goes on, and does not"));
            }
            let named = |payment: &Payment| Some((payment.donation()?, outcome::of_payment(payment)));
            Ok(PaymentPage { payments: payments.iter().filter_map(named).collect(), next })
        })
    }

    /// Once a payment was sent to the bank that is too late, and the answer is where it stands.
    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> Watched<PaymentOutcome> {
        let path = [PAYMENTS, reference.as_str(), "actions", "cancel"];
        match self.client.post(&path, key, &NoParameters::new()).await {
            Ok(answer) => match outcome::of_cancel(&answer, reference) {
                Some(outcome) => settled(outcome, &answer),
                None => self.look_up(reference).await,
            },
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a cancellation");
                Watched::of(outcomes::of_failure(&failure), sign_of_failure(&failure))
            }
        }
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        self.ask_for_refund(order).await
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        self.show_refund(reference).await
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        client::watched(self.refund_of(payment, refund).await)
    }

    /// GoCardless has no disputes of its own. What a bank takes back is one of ours, told by the payment's events.
    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        let Some((payment, time)) = reference.taken_back() else {
            return Watched::of(Ok(None), Sign::Nothing);
        };
        client::watched(self.taken_back(reference, &payment, time).await)
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        client::watched(self.read(payment, outcome::donation_of).await)
    }

    async fn movements(&self, since: Timestamp, _: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        client::watched(self.movements_since(since).await)
    }
}

/// What an answer said, for operations and for whoever asked.
fn settled(outcome: PaymentOutcome, answer: &RawAnswer) -> Watched<PaymentOutcome> {
    report(answer.status, &answer.request_id, &outcome);
    let was_not_executed = matches!(outcome, PaymentOutcome::NotExecuted { .. });
    signs::watched(outcome, was_not_executed, answer)
}

/// Shows where the provider is, and nothing that is secret.
impl<C: ProviderCredentials> fmt::Debug for GoCardlessConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoCardlessConnector")
            .field("base_url", &self.client.http.base())
            .finish_non_exhaustive()
    }
}
