use std::fmt;

use app::ports::{Collection, Fault, PaymentProvider, ProviderCredentials};
use domain::ids::{DonationId, ProviderReference};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::time::Timestamp;

use super::client::{Answer, StripeClient};
use super::outcome;
use super::settings::{SettingsError, StripeSettings};
use super::wire::{Page, PaymentIntent};

/// Payments of one page, the most that Stripe gives.
const PAGE_LENGTH: &str = "100";
/// Most pages of one search. A list that is longer is a fault, because absence would not be proven.
const PAGES_MAX: usize = 50;
const PAYMENTS: &str = "payment_intents";

/// Collects donations through Stripe's `PaymentIntent`s.
///
/// The donor is present, although the call is made by a worker: a card that wants 3-D Secure gives
/// [`PaymentOutcome::ActionRequired`], which the donor's browser completes.
pub struct StripeConnector<C> {
    client: StripeClient<C>,
}

impl<C: ProviderCredentials> StripeConnector<C> {
    /// Sets up the connector. No connection is made.
    ///
    /// # Errors
    /// [`SettingsError`]: the deployment is wrong, and no call can be made.
    pub fn new(settings: StripeSettings<C>) -> Result<Self, SettingsError> {
        Ok(Self { client: StripeClient::new(settings)? })
    }

    async fn page(&self, since: &str, after: Option<&str>) -> Result<Page, Fault> {
        let mut query = vec![("limit", PAGE_LENGTH), ("created[gte]", since)];
        query.extend(after.map(|id| ("starting_after", id)));
        let answer = self
            .client
            .get(&[PAYMENTS], &query)
            .await
            .map_err(|failure| Fault::transient(LISTING, failure))?;
        match (answer.status, &answer.body) {
            (200, Some(body)) => {
                serde_json::from_slice(body).map_err(|_| Fault::transient(LISTING, "the page cannot be read"))
            }
            (401 | 403, _) => {
                key_refused(&answer);
                Err(Fault::permanent(LISTING, "the provider refuses our API key"))
            }
            (200, None) => Err(Fault::transient(LISTING, "the page did not arrive whole")),
            (status, _) => Err(Fault::transient(LISTING, format!("the provider answered {status}"))),
        }
    }

    /// Reads the list to its end, newest payments first, unless a payment is found that took the money.
    async fn search(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        let since = since.as_seconds().to_string();
        let mut best = None;
        let mut after: Option<String> = None;
        for _ in 0..PAGES_MAX {
            let page = self.page(&since, after.as_deref()).await?;
            let ours = page.data.iter().filter(|payment| payment.donation().as_ref() == Some(donation));
            best = ours.map(outcome::of_payment).chain(best).max_by_key(outcome::weight);
            if matches!(best, Some(PaymentOutcome::Captured { .. })) || !page.has_more {
                return Ok(best);
            }
            let last = page.data.last().map(|payment: &PaymentIntent| payment.id.clone());
            if last.is_none() || last == after {
                return Err(Fault::transient(LISTING, "the list says that it goes on, and does not"));
            }
            after = last;
        }
        Err(Fault::transient(LISTING, "the list is too long to be read to its end"))
    }
}

const LISTING: &str = "list the provider's payments";

impl<C: ProviderCredentials> PaymentProvider for StripeConnector<C> {
    fn key_life(&self) -> KeyLife {
        KeyLife::DAY
    }

    fn call_millis_max(&self) -> u64 {
        u64::try_from(self.client.timeouts.whole().as_millis()).unwrap_or(u64::MAX)
    }

    async fn collect(&self, collection: &Collection) -> PaymentOutcome {
        match self.client.post(&[PAYMENTS], &collection.key, &form(collection)).await {
            Ok(answer) => {
                let outcome = outcome::of_collect(&answer, collection);
                report(&answer, &outcome);
                outcome
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment request");
                outcome::of_failure(&failure)
            }
        }
    }

    async fn look_up(&self, reference: &ProviderReference) -> PaymentOutcome {
        match self.client.get(&[PAYMENTS, reference.as_str()], &[]).await {
            Ok(answer) => {
                let outcome = outcome::of_look_up(&answer, reference);
                report(&answer, &outcome);
                outcome
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment look-up");
                PaymentOutcome::Unknown { reason: "the provider could not be asked" }
            }
        }
    }

    async fn find(&self, donation: &DonationId, since: Timestamp) -> Result<Option<PaymentOutcome>, Fault> {
        tokio::time::timeout(self.client.timeouts.whole(), self.search(donation, since))
            .await
            .map_err(|late| Fault::transient(LISTING, late))?
    }
}

/// The parameters of a payment that is made and confirmed in one call.
///
/// Names that API versions have added or removed are avoided: `automatic_payment_methods` is understood by all of
/// them since 2023. Redirects are for payment methods other than cards, and none is offered.
fn form(collection: &Collection) -> Vec<(&'static str, String)> {
    let amount = collection.amount;
    vec![
        ("amount", amount.minor().to_string()),
        ("currency", amount.currency().code().to_ascii_lowercase()),
        ("payment_method", collection.token.to_string()),
        ("confirm", "true".to_owned()),
        ("automatic_payment_methods[enabled]", "true".to_owned()),
        ("automatic_payment_methods[allow_redirects]", "never".to_owned()),
        ("return_url", collection.return_url.clone()),
        ("metadata[donation_id]", collection.donation.to_string()),
        ("metadata[appeal]", collection.appeal.to_string()),
    ]
}

/// Says what operations must know: a refused key or request is ours to mend, a doubtful answer is theirs to watch.
fn report(answer: &Answer, outcome: &PaymentOutcome) {
    let Answer { status, request_id, replayed, .. } = answer;
    if matches!(status, 401 | 403) {
        return key_refused(answer);
    }
    match outcome {
        PaymentOutcome::Rejected { code } => {
            tracing::error!(status, request_id, code, "the provider rejects our request");
        }
        PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } => {
            tracing::warn!(status, request_id, replayed, reason, "the provider gave no certain answer");
        }
        PaymentOutcome::Captured { .. }
        | PaymentOutcome::ActionRequired { .. }
        | PaymentOutcome::Processing { .. }
        | PaymentOutcome::Declined { .. }
        | PaymentOutcome::Cancelled { .. } => {}
    }
}

fn key_refused(answer: &Answer) {
    let Answer { status, request_id, .. } = answer;
    tracing::error!(status, request_id, "the provider refuses our API key: no payment can be taken");
}

/// Shows where the provider is, and nothing that is secret.
impl<C: ProviderCredentials> fmt::Debug for StripeConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeConnector").field("base_url", &self.client.base()).finish_non_exhaustive()
    }
}
