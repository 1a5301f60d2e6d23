use std::fmt;

use app::ports::{
    Collected, Collection, Fault, MovementPage, PaymentPage, PaymentProvider, ProviderCredentials,
    RefundOrder, Watched,
};
use domain::ids::{DonationId, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;
use serde::de::DeserializeOwned;

use super::balance::{self, BalancePage};
use super::client::StripeClient;
use super::disputes::{self, DisputeObject};
use super::outcome;
use super::refunds::{self, RefundPage};
use super::signs;
use super::wire::{Page, PaymentIntent};
use super::{SettingsError, StripeSettings};
use crate::outcomes::{self, report, report_refund, report_refused_key};

/// Payments of one page, the most that Stripe gives.
const PAGE_LENGTH: &str = "100";
const PAYMENTS: &str = "payment_intents";
const REFUNDS: &str = "refunds";

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

    /// Reads an object or a list; `None` when there is no such thing.
    async fn read<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Watched<Result<Option<T>, Fault>> {
        let answer = match self.client.get(path, query).await {
            Ok(answer) => answer,
            Err(failure) => {
                let sign = signs::of_failure(&failure);
                return Watched::of(Err(Fault::transient(doing, failure)), sign);
            }
        };
        let said = match (answer.status, &answer.body) {
            (200, Some(body)) => serde_json::from_slice(body).map(Some).map_err(|_| unreadable(doing)),
            (404, _) if answer.says_that_there_is_none() => Ok(None),
            (401 | 403, _) => {
                report_refused_key(answer.status, &answer.request_id);
                Err(Fault::permanent(doing, "the provider refuses our API key"))
            }
            (200, None) => Err(Fault::transient(doing, "the answer did not arrive whole")),
            (status, _) => Err(Fault::transient(doing, format!("the provider answered {status}"))),
        };
        Watched::of(said, signs::of_answer(&answer))
    }

    /// Reads one page of a list. That the provider has no such list is a fault.
    async fn read_list<T: DeserializeOwned>(
        &self,
        doing: &'static str,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Watched<Result<T, Fault>> {
        let gone = || Fault::transient(doing, "the provider has no such list");
        self.read(doing, path, query).await.map(|said| said?.ok_or_else(gone))
    }
}

const LISTING: &str = "list the provider's payments";

impl<C: ProviderCredentials> PaymentProvider for StripeConnector<C> {
    fn key_life(&self) -> KeyLife {
        KeyLife::DAY
    }

    fn call_millis_max(&self) -> u64 {
        u64::try_from(self.client.http.timeouts.whole().as_millis()).unwrap_or(u64::MAX)
    }

    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        match self.client.post(&[PAYMENTS], &collection.key, &form(collection)).await {
            Ok(answer) => {
                let outcome = outcome::of_collect(&answer, collection);
                report(answer.status, &answer.request_id, &outcome);
                let was_not_executed = matches!(outcome, PaymentOutcome::NotExecuted { .. });
                let collected = Collected { outcome, card: outcome::card_of(&answer) };
                signs::watched(collected, was_not_executed, &answer)
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment request");
                let collected = Collected { outcome: outcomes::of_failure(&failure), card: None };
                Watched::of(collected, signs::of_failure(&failure))
            }
        }
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        match self.client.get(&[PAYMENTS, reference.as_str()], &[]).await {
            Ok(answer) => {
                let outcome = outcome::of_look_up(&answer, reference);
                report(answer.status, &answer.request_id, &outcome);
                Watched::of(outcome, signs::of_answer(&answer))
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a payment look-up");
                let reason = "the provider could not be asked";
                Watched::of(PaymentOutcome::Unknown { reason }, signs::of_failure(&failure))
            }
        }
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        let since = since.as_seconds().to_string();
        let mut query = vec![("limit", PAGE_LENGTH), ("created[gte]", since.as_str())];
        query.extend(after.map(|id| ("starting_after", id)));
        self.read_list::<Page>(LISTING, &[PAYMENTS], &query).await.map(|page| {
            let page = page?;
            let last = page.data.last().map(|payment| payment.id.clone());
            if page.has_more && last.is_none() {
                return Err(Fault::transient(LISTING, "the list says that it goes on, and does not"));
            }
            let named = |payment: &PaymentIntent| Some((payment.donation()?, outcome::of_payment(payment)));
            let payments = page.data.iter().filter_map(named).collect();
            Ok(PaymentPage { payments, next: last.filter(|_| page.has_more) })
        })
    }

    async fn call_off(&self, reference: &ProviderReference, key: &ProviderKey) -> Watched<PaymentOutcome> {
        let form = [("cancellation_reason", "abandoned".to_owned())];
        match self.client.post(&[PAYMENTS, reference.as_str(), "cancel"], key, &form).await {
            Ok(answer) => {
                let outcome = outcome::of_cancel(&answer, reference);
                report(answer.status, &answer.request_id, &outcome);
                Watched::of(outcome, signs::of_answer(&answer))
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a cancellation");
                let reason = "the payment could not be called off";
                Watched::of(PaymentOutcome::Unknown { reason }, signs::of_failure(&failure))
            }
        }
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        match self.client.post(&[REFUNDS], &order.key, &refunds::form(order)).await {
            Ok(answer) => {
                let outcome = refunds::of_order(&answer, order);
                report_refund(answer.status, &answer.request_id, &outcome);
                let was_not_executed = matches!(outcome, RefundOutcome::NotExecuted { .. });
                signs::watched(outcome, was_not_executed, &answer)
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a refund request");
                Watched::of(outcomes::of_refund_failure(&failure), signs::of_failure(&failure))
            }
        }
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        match self.client.get(&[REFUNDS, reference.as_str()], &[]).await {
            Ok(answer) => {
                if matches!(answer.status, 401 | 403) {
                    report_refused_key(answer.status, &answer.request_id);
                }
                Watched::of(refunds::of_look_up(&answer, reference), signs::of_answer(&answer))
            }
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a refund look-up");
                let reason = "the provider could not be asked";
                Watched::of(RefundOutcome::Unknown { reason }, signs::of_failure(&failure))
            }
        }
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        const DOING: &str = "list the payment's refunds";
        let query = [("limit", PAGE_LENGTH), ("payment_intent", payment.as_str())];
        let read = self.read_list::<RefundPage>(DOING, &[REFUNDS], &query).await;
        read.map(|page| {
            let page = page?;
            match refunds::find(&page.data, refund) {
                Some(found) => refunds::news_of(found).map(Some).ok_or_else(|| unreadable(DOING)),
                None if page.has_more => {
                    Err(Fault::transient(DOING, "the list is too long to be read to its end"))
                }
                None => Ok(None),
            }
        })
    }

    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        const DOING: &str = "look a dispute up";
        let read = self.read::<DisputeObject>(DOING, &["disputes", reference.as_str()], &[]).await;
        let news = |dispute: DisputeObject| {
            let news = disputes::news_of(&dispute).filter(|news| news.reference == *reference);
            news.ok_or_else(|| unreadable(DOING))
        };
        read.map(|found| found?.map(news).transpose())
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        const DOING: &str = "ask which donation a payment names";
        let read = self.read::<PaymentIntent>(DOING, &[PAYMENTS, payment.as_str()], &[]).await;
        read.map(|found| match found? {
            Some(found) if found.id != payment.as_str() => Err(unreadable(DOING)),
            found => Ok(found.and_then(|found| found.donation())),
        })
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        const DOING: &str = "read the provider's balance";
        let since = since.as_seconds().to_string();
        let mut query =
            vec![("limit", PAGE_LENGTH), ("created[gte]", since.as_str()), ("expand[]", "data.source")];
        query.extend(after.map(|id| ("starting_after", id)));
        let read = self.read_list::<BalancePage>(DOING, &["balance_transactions"], &query).await;
        read.map(|page| balance::page_of(&page?).ok_or_else(|| unreadable(DOING)))
    }
}

fn unreadable(doing: &'static str) -> Fault {
    Fault::transient(doing, "the answer cannot be read")
}

/// The parameters of a payment that is made and confirmed in one call.
///
/// Names that API versions have added or removed are avoided: `automatic_payment_methods` is understood by all of
/// them since 2023. Redirects are for payment methods other than cards, and none is offered. The charge is expanded for
/// the card's fingerprint, which a payment itself does not show.
fn form(collection: &Collection) -> Vec<(&'static str, String)> {
    let amount = collection.amount;
    let mut form = vec![
        ("amount", amount.minor().to_string()),
        ("currency", amount.currency().code().to_ascii_lowercase()),
        ("payment_method", collection.token.to_string()),
        ("confirm", "true".to_owned()),
        ("automatic_payment_methods[enabled]", "true".to_owned()),
        ("automatic_payment_methods[allow_redirects]", "never".to_owned()),
        ("return_url", collection.return_url.clone()),
        ("metadata[donation_id]", collection.donation.to_string()),
        ("metadata[appeal]", collection.appeal.to_string()),
        ("expand[0]", "latest_charge".to_owned()),
    ];
    if collection.step_up {
        form.push(("payment_method_options[card][request_three_d_secure]", "any".to_owned()));
    }
    form
}

/// Shows where the provider is, and nothing that is secret.
impl<C: ProviderCredentials> fmt::Debug for StripeConnector<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StripeConnector").field("base_url", &self.client.http.base()).finish_non_exhaustive()
    }
}
