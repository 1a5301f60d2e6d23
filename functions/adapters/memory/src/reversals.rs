//! What the provider does with money after it has taken it: refunds, disputes, and the list of all that moved.

use app::ports::{MovementPage, RefundOrder};
use domain::ids::ProviderReference;
use domain::journal::Movement;
use domain::payment::PaymentOutcome;
use domain::takings::{DisputeNews, RefundNews, RefundOutcome, RefundStatus};
use domain::time::Timestamp;

use crate::memory::{Memory, State};
use crate::provider::ProviderPayment;

/// Movements of one page.
const PAGE: usize = 10;

impl Memory {
    /// Puts a payment at the provider, as if it had been asked for some time.
    pub fn add_payment(&self, payment: ProviderPayment) {
        self.state().provider.payments.insert(payment.reference.to_string(), payment);
    }

    /// Every refund at the provider, oldest first.
    pub fn provider_refunds(&self) -> Vec<RefundNews> {
        self.state().provider.refunds.values().cloned().collect()
    }

    /// Every order for a refund that had its effect, oldest first; a repetition is not there again.
    pub fn refund_orders(&self) -> Vec<RefundOrder> {
        self.state().provider.refund_orders.clone()
    }

    /// Moves a refund on, or makes one at the provider that nobody asked us for.
    pub fn set_refund(&self, news: RefundNews) {
        self.state().provider.refunds.insert(news.reference.to_string(), news);
    }

    /// Opens a dispute or moves it on.
    pub fn set_dispute(&self, news: DisputeNews) {
        self.state().provider.disputes.insert(news.reference.to_string(), news);
    }

    /// Adds a movement to the provider's own account of its balance.
    pub fn add_movement(&self, movement: Movement) {
        self.state().provider.movements.push(movement);
    }
}

impl State {
    /// A payment that took money keeps it; every other one takes none any more.
    pub(crate) fn call_off(&mut self, reference: &ProviderReference) -> PaymentOutcome {
        match self.provider.payments.get_mut(reference.as_str()) {
            None => PaymentOutcome::Unknown { reason: "the provider has no such payment" },
            Some(payment) => {
                if !matches!(payment.outcome, PaymentOutcome::Captured { .. }) {
                    payment.outcome = PaymentOutcome::Cancelled { reference: reference.clone() };
                }
                payment.outcome.clone()
            }
        }
    }

    pub(crate) fn refund(&mut self, order: &RefundOrder) -> RefundOutcome {
        let provider = &mut self.provider;
        if let Some(known) = provider.keys.get(order.key.as_str()).and_then(|r| provider.refunds.get(r)) {
            return RefundOutcome::Known(known.clone());
        }
        let refunded = provider
            .refunds
            .values()
            .filter(|news| news.payment == order.payment && news.status != RefundStatus::Failed);
        let sum = refunded.fold(order.amount.minor(), |sum, news| sum.saturating_add(news.amount.minor()));
        let taken = provider.payments.get(order.payment.as_str()).map_or(0, |payment| payment.amount.minor());
        if sum > taken {
            return RefundOutcome::Rejected { code: "charge_already_refunded".to_owned() };
        }
        let text = format!("re_{:012}", provider.refunds.len() + 1);
        let news = RefundNews {
            id: Some(order.refund.clone()),
            reference: ProviderReference::parse(&text).expect("15 visible ASCII characters"),
            payment: order.payment.clone(),
            amount: order.amount,
            status: RefundStatus::Succeeded,
        };
        provider.keys.insert(order.key.to_string(), text.clone());
        provider.refunds.insert(text, news.clone());
        provider.refund_orders.push(order.clone());
        RefundOutcome::Known(news)
    }

    pub(crate) fn movements(&self, since: Timestamp, after: Option<&str>) -> MovementPage {
        let newest_first = self.provider.movements.iter().rev().filter(|one| one.occurred_at >= since);
        let rest: Vec<&Movement> = match after {
            None => newest_first.collect(),
            Some(after) => newest_first.skip_while(|one| one.reference.as_str() != after).skip(1).collect(),
        };
        let movements: Vec<Movement> = rest.iter().take(PAGE).map(|one| (*one).clone()).collect();
        let last = movements.last().map(|one| one.reference.to_string());
        MovementPage { next: last.filter(|_| rest.len() > PAGE), movements }
    }
}
