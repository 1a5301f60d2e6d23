use std::fmt;

use app::ports::{
    Collected, Collection, Fault, MovementPage, PaymentProvider, ProviderCredentials, RefundOrder, Sign,
    Watched, WatchedProvider,
};
use contracts::time::to_rfc3339;
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;

use super::client::{GoCardlessClient, Unlisted};
use super::outcome::{self, Verdict};
use super::requests::{CreatePayment, NoParameters};
use super::signs;
use super::wire::{Payment, Payments};
use super::{GoCardlessSettings, SettingsError};
use crate::http::RawAnswer;
use crate::outcomes::{self, report, sign_of_failure};

/// Most pages of one search. A list that is longer is a fault, because absence would not be proven.
const PAGES_MAX: usize = 50;
pub(super) const PAYMENTS: &str = "payments";
const READING: &str = "read a payment of the provider's";
const FINDING: &str = "find a payment among the provider's";

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
                report(answer.status, &answer.request_id, &outcome);
                signs::watched(outcome, &answer)
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
                Verdict::Settled(outcome) => {
                    report(answer.status, &answer.request_id, &outcome);
                    signs::watched(outcome, &answer)
                }
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
    async fn with_its_past(&self, outcome: PaymentOutcome, answer: &RawAnswer) -> PaymentOutcome {
        let PaymentOutcome::Declined { reference: Some(reference), .. } = &outcome else { return outcome };
        match self.life(reference, "failed").await {
            Ok(life) if life.is_collected => outcome::as_captured(answer, reference),
            Ok(_) => outcome,
            Err(_) => {
                PaymentOutcome::Unknown { reason: "whether the money was ever there could not be read" }
            }
        }
    }

    /// Reads the list to its end, newest payments first, unless a payment is found that took the money.
    async fn search(
        &self,
        donation: &DonationId,
        since: Timestamp,
    ) -> Result<Option<PaymentOutcome>, Unlisted> {
        let since = to_rfc3339(since);
        let mut best = None;
        let look = |payments: Vec<Payment>| {
            let ours = payments.iter().filter(|payment| payment.donation().as_ref() == Some(donation));
            best = ours.map(outcome::of_payment).chain(best.take()).max_by_key(outcomes::weight);
            matches!(best, Some(PaymentOutcome::Captured { .. }))
        };
        self.client.walk::<Payments>(&[("created_at[gte]", &since)], PAGES_MAX, look).await?;
        Ok(best)
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

    async fn collect(&self, collection: &Collection) -> PaymentOutcome {
        self.ask(collection).await.said
    }

    async fn look_up(&self, reference: &ProviderReference) -> PaymentOutcome {
        self.watch_look_up(reference).await.said
    }

    async fn find(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        self.watch_find(donation, since).await.said
    }

    /// Once a payment was sent to the bank that is too late, and the answer is where it stands.
    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> PaymentOutcome {
        let path = [PAYMENTS, reference.as_str(), "actions", "cancel"];
        match self.client.post(&path, key, &NoParameters::new()).await {
            Ok(answer) => match outcome::of_cancel(&answer, reference) {
                Some(outcome) => {
                    report(answer.status, &answer.request_id, &outcome);
                    outcome
                }
                None => self.look_up(reference).await,
            },
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a cancellation");
                outcomes::of_failure(&failure)
            }
        }
    }

    async fn refund(&self, order: &RefundOrder) -> RefundOutcome {
        self.ask_for_refund(order).await
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> RefundOutcome {
        self.show_refund(reference).await
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Result<Option<RefundNews>, Fault> {
        self.refund_of(payment, refund).await
    }

    /// GoCardless has no disputes of its own. What a bank takes back is one of ours, told by the payment's events.
    async fn look_up_dispute(&self, reference: &ProviderReference) -> Result<Option<DisputeNews>, Fault> {
        let Some((payment, time)) = reference.taken_back() else { return Ok(None) };
        let answer = self.client.get(&[PAYMENTS, payment.as_str()]).await;
        let answer = answer.map_err(|failure| Fault::transient(READING, failure))?;
        let read = outcome::amount_and_status(&answer, &payment);
        let Some((amount, status)) = read.map_err(|reason| Fault::transient(READING, reason))? else {
            return Ok(None);
        };
        let life = self.life(&payment, &status).await?;
        Ok(life.dispute(reference, &payment, time, amount))
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Result<Option<DonationId>, Fault> {
        let answer = self.client.get(&[PAYMENTS, payment.as_str()]).await;
        let answer = answer.map_err(|failure| Fault::transient(READING, failure))?;
        outcome::donation_of(&answer, payment).map_err(|reason| Fault::transient(READING, reason))
    }

    async fn movements(&self, since: Timestamp, _: Option<&str>) -> Result<MovementPage, Fault> {
        self.movements_since(since).await
    }
}

impl<C: ProviderCredentials> WatchedProvider for GoCardlessConnector<C> {
    /// There is no card: a mandate stands for a bank account, which no answer shows.
    async fn watch_collect(&self, collection: &Collection) -> Watched<Collected> {
        let Watched { said: outcome, sign, again } = self.ask(collection).await;
        Watched { said: Collected { outcome, card: None }, sign, again }
    }

    async fn watch_look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        match self.client.get(&[PAYMENTS, reference.as_str()]).await {
            Ok(answer) => {
                let outcome = self.with_its_past(outcome::of_look_up(&answer, reference), &answer).await;
                report(answer.status, &answer.request_id, &outcome);
                Watched::of(outcome, signs::of_answer(&answer))
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment look-up");
                let reason = "the provider could not be asked";
                Watched::of(PaymentOutcome::Unknown { reason }, sign_of_failure(&failure))
            }
        }
    }

    async fn watch_find(
        &self,
        donation: &DonationId,
        since: Timestamp,
    ) -> Watched<Result<Option<PaymentOutcome>, Fault>> {
        match tokio::time::timeout(self.client.http.timeouts.whole(), self.search(donation, since)).await {
            Ok(Ok(found)) => Watched::of(Ok(found), Sign::Well),
            Ok(Err(Unlisted { fault, sign })) => Watched::of(Err(fault), sign),
            Err(late) => Watched::of(Err(Fault::transient(FINDING, late)), Sign::Failing),
        }
    }
}

/// Shows where the provider is, and nothing that is secret.
impl<C: ProviderCredentials> fmt::Debug for GoCardlessConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoCardlessConnector")
            .field("base_url", &self.client.http.base())
            .finish_non_exhaustive()
    }
}
