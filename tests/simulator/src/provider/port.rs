//! The provider's port: each call goes through the world, where it can be struck like any other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adapters_memory::{Memory, Operation, Struck};
use app::ports::{
    Clock, Collected, Collection, Fault, MovementPage, PaymentPage, PaymentProvider, RefundOrder, Sign,
    Watched,
};
use contracts::stored::DonationItem;
use domain::ids::{DonationId, Provider, ProviderKey, ProviderReference, RefundId};
use domain::payment::{KeyLife, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews, RefundOutcome};
use domain::time::Timestamp;

use super::Model;

/// Most milliseconds of one call, as the shipped connectors have it.
const CALL_MILLIS_MAX: u64 = 10_000;

/// A way to one provider.
#[derive(Debug, Clone)]
pub(crate) struct Connector {
    pub(crate) world: Memory,
    pub(crate) model: Arc<Mutex<Model>>,
    pub(crate) provider: Provider,
    pub(crate) key_life: KeyLife,
}

impl Connector {
    /// Makes a call whose effect is on the provider's books.
    async fn call<T>(
        &self,
        operation: Operation,
        subject: &str,
        effect: impl FnOnce(&mut Model, Timestamp) -> T + Send + 'static,
    ) -> Result<T, Struck> {
        let model = Arc::clone(&self.model);
        self.world.visit(operation, subject, move |world| effect(&mut lock(&model), world.now())).await
    }

    /// No provider may be asked for money under a key that is not stored: a process that died now would forget it.
    fn check_stored(&self, collection: &Collection) {
        let stored = self.world.donation_item(&collection.donation);
        if !stored.as_ref().is_some_and(|item| knows_key(item, collection.key.as_str())) {
            let breach =
                format!("the provider was asked under the key {}, which is not stored", collection.key);
            lock(&self.model).breaches.push(breach);
        }
    }
}

fn lock(model: &Mutex<Model>) -> MutexGuard<'_, Model> {
    model.lock().unwrap_or_else(PoisonError::into_inner)
}

fn knows_key(item: &DonationItem, key: &str) -> bool {
    let number = item.payment.attempt.unwrap_or(0);
    (1..=number).any(|number| key == format!("{}-{number}", item.id))
}

/// An answer, or what a struck call says.
fn watched<T>(called: Result<T, Struck>, said: impl FnOnce(Struck) -> T) -> Watched<T> {
    match called {
        Ok(answer) => Watched::of(answer, Sign::Well),
        Err(struck @ Struck::Throttled) => Watched::of(said(struck), Sign::TooMany),
        Err(struck @ Struck::Lost) => Watched::of(said(struck), Sign::Failing),
    }
}

/// The same for a request: one that was throttled was not executed, and may be made again.
fn requested<T>(called: Result<T, Struck>, said: impl FnOnce(Struck) -> T) -> Watched<T> {
    let watched = watched(called, said);
    Watched { again: watched.sign == Sign::TooMany, ..watched }
}

/// What a list or an object says, or the fault of a struck call.
fn listed<T>(called: Result<T, Struck>, doing: &'static str) -> Watched<Result<T, Fault>> {
    watched(called.map(Ok), |struck| Err(struck.fault(doing)))
}

impl PaymentProvider for Connector {
    fn key_life(&self) -> KeyLife {
        self.key_life
    }

    fn call_millis_max(&self) -> u64 {
        CALL_MILLIS_MAX
    }

    async fn collect(&self, collection: &Collection) -> Watched<Collected> {
        self.check_stored(collection);
        let (provider, asked) = (self.provider, collection.clone());
        let call = move |model: &mut Model, now| model.collect(provider, &asked, now);
        let called = self.call(Operation::CollectPayment, collection.donation.as_str(), call).await;
        let outcome = requested(called, |struck| match struck {
            Struck::Throttled => PaymentOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => PaymentOutcome::Unknown { reason: "no answer" },
        });
        outcome.map(|outcome| Collected { outcome, card: None })
    }

    async fn look_up(&self, reference: &ProviderReference) -> Watched<PaymentOutcome> {
        let payment = reference.to_string();
        let call = move |model: &mut Model, _| model.outcome(&payment);
        let called = self.call(Operation::LookUpPayment, reference.as_str(), call).await;
        watched(called, |_| PaymentOutcome::Unknown { reason: "the look-up failed" })
    }

    async fn payments(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<PaymentPage, Fault>> {
        let (provider, page) = (self.provider, after.map(str::to_owned));
        let call = move |model: &mut Model, _| model.payments_page(provider, since, page.as_deref());
        let called = self.call(Operation::ListPayments, after.unwrap_or_default(), call).await;
        listed(called, "read the provider's list of payments")
    }

    async fn call_off(&self, reference: &ProviderReference, _: &ProviderKey) -> Watched<PaymentOutcome> {
        let payment = reference.to_string();
        let call = move |model: &mut Model, _| model.call_off(&payment);
        let called = self.call(Operation::CallOffPayment, reference.as_str(), call).await;
        watched(called, |_| PaymentOutcome::Unknown { reason: "the payment could not be called off" })
    }

    async fn refund(&self, order: &RefundOrder) -> Watched<RefundOutcome> {
        let asked = order.clone();
        let call = move |model: &mut Model, now| model.refund(&asked, now);
        let called = self.call(Operation::Refund, order.refund.as_str(), call).await;
        requested(called, |struck| match struck {
            Struck::Throttled => RefundOutcome::NotExecuted { reason: "the provider turned the call away" },
            Struck::Lost => RefundOutcome::Unknown { reason: "no answer" },
        })
    }

    async fn look_up_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        let refund = reference.to_string();
        let call = move |model: &mut Model, _| {
            let nothing = RefundOutcome::Rejected { code: "resource_missing".to_owned() };
            model.refunds.get(&refund).map_or(nothing, |news| RefundOutcome::Known(news.clone()))
        };
        let called = self.call(Operation::LookUpRefund, reference.as_str(), call).await;
        watched(called, |_| RefundOutcome::Unknown { reason: "the look-up failed" })
    }

    async fn find_refund(
        &self,
        payment: &ProviderReference,
        refund: &RefundId,
    ) -> Watched<Result<Option<RefundNews>, Fault>> {
        let (payment, id) = (payment.clone(), refund.clone());
        let call = move |model: &mut Model, _| {
            let mut listed = model.refunds.values();
            listed.find(|news| news.payment == payment && news.id.as_ref() == Some(&id)).cloned()
        };
        let called = self.call(Operation::FindRefund, refund.as_str(), call).await;
        listed(called, "read the provider's refunds")
    }

    async fn look_up_dispute(
        &self,
        reference: &ProviderReference,
    ) -> Watched<Result<Option<DisputeNews>, Fault>> {
        let dispute = reference.to_string();
        let call = move |model: &mut Model, _| model.disputes.get(&dispute).cloned();
        let called = self.call(Operation::LookUpDispute, reference.as_str(), call).await;
        listed(called, "look a dispute up")
    }

    async fn donation_of(&self, payment: &ProviderReference) -> Watched<Result<Option<DonationId>, Fault>> {
        let asked = payment.to_string();
        let call = move |model: &mut Model, _| model.payments.get(&asked).map(|found| found.donation.clone());
        let called = self.call(Operation::LookUpDonation, payment.as_str(), call).await;
        listed(called, "ask which donation a payment names")
    }

    async fn movements(&self, since: Timestamp, after: Option<&str>) -> Watched<Result<MovementPage, Fault>> {
        let (provider, page) = (self.provider, after.map(str::to_owned));
        let call = move |model: &mut Model, now| model.page(provider, (since, now), page.as_deref());
        let called = self.call(Operation::ReadMovements, after.unwrap_or_default(), call).await;
        listed(called, "read the provider's balance")
    }
}
