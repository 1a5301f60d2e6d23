//! Money on its way back by refunds, and the list of all that moved.

use app::ports::{MovementPage, PaymentPage, RefundOrder};
use domain::ids::{Provider, ProviderReference};
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::takings::{DisputeStatus, RefundNews, RefundOutcome, RefundStatus};
use domain::time::{Span, Timestamp};

use super::keys::Answer;
use super::model::{Model, Payment, Standing};
use super::{Change, Told};
use crate::faults::Class;

/// Payments or movements of one page.
const PAGE: usize = 10;
/// Longest until a refund that had succeeded turns out not to have arrived.
const COMES_BACK_WITHIN: Span = Span::hours(6);

impl Model {
    /// Asks for a refund.
    pub(crate) fn refund(&mut self, order: &RefundOrder, now: Timestamp) -> RefundOutcome {
        let key = order.key.as_str();
        let payload = format!("{} {} {} {}", order.refund, order.payment, order.amount, order.reason.name());
        if let Some(kept) = self.kept(key, &payload, now) {
            return match kept.answer {
                Answer::Refund(news) => RefundOutcome::Known(news),
                Answer::Refused(code) => RefundOutcome::Rejected { code: code.to_owned() },
                Answer::Broken | Answer::Payment(_) => unknown(),
            };
        }
        let refuses = self.faults().strikes(Class::StoredRefusal, || format!("refund {key}"));
        if refuses {
            self.keep(key, payload, now, Answer::Broken);
            return unknown();
        }
        if let Err(code) = self.may_refund(&order.payment, order.amount) {
            self.reach("the provider rejected a refund");
            self.keep(key, payload, now, Answer::Refused(code));
            return RefundOutcome::Rejected { code: code.to_owned() };
        }
        let is_slow = self.faults().below(3) == 0;
        let fails = self.faults().below(8) == 0;
        let news = RefundNews {
            id: Some(order.refund.clone()),
            reference: self.fresh("re"),
            payment: order.payment.clone(),
            amount: order.amount,
            status: RefundStatus::Pending,
        };
        let refund = news.reference.to_string();
        self.refunds.insert(refund.clone(), news);
        if is_slow {
            self.reach("a refund was pending");
            self.tell_refund(&refund);
            let status = if fails { RefundStatus::Failed } else { RefundStatus::Succeeded };
            self.plan(now.plus(Span::hours(2)), Change::Refund { refund: refund.clone(), status });
        } else {
            self.move_refund(&refund, RefundStatus::Succeeded, now);
            if fails && self.nets {
                let after = self.faults().span(COMES_BACK_WITHIN);
                self.plan(
                    now.plus(after),
                    Change::Refund { refund: refund.clone(), status: RefundStatus::Failed },
                );
            }
        }
        let news = self.refunds[&refund].clone();
        let breaks = self.faults().strikes(Class::StoredError, || format!("refund {key}"));
        if breaks {
            self.keep(key, payload, now, Answer::Broken);
            return unknown();
        }
        self.keep(key, payload, now, Answer::Refund(news.clone()));
        RefundOutcome::Known(news)
    }

    fn may_refund(&self, payment: &ProviderReference, amount: Money) -> Result<(), &'static str> {
        let known = self.payments.get(payment.as_str());
        let Some(captured) = known.filter(|known| known.standing == Standing::Captured) else {
            return Err("charge_not_captured");
        };
        let holds = |status| matches!(status, DisputeStatus::Open | DisputeStatus::Lost);
        if self.disputes.values().any(|dispute| dispute.payment == *payment && holds(dispute.status)) {
            return Err("charge_disputed");
        }
        let asked = amount.minor().saturating_add(self.refunded(payment));
        if asked > captured.amount.minor() { Err("charge_already_refunded") } else { Ok(()) }
    }

    /// Minor units that went back or are about to.
    pub(crate) fn refunded(&self, payment: &ProviderReference) -> u64 {
        let of_it = self.refunds.values().filter(|one| one.payment == *payment);
        of_it.filter(|one| one.status != RefundStatus::Failed).map(|one| one.amount.minor()).sum()
    }

    /// The refund moves on. Money leaves when it succeeds, and comes back when it fails after that.
    pub(super) fn move_refund(&mut self, refund: &str, status: RefundStatus, now: Timestamp) {
        let Some(news) = self.refunds.get_mut(refund) else { return };
        let before = std::mem::replace(&mut news.status, status);
        if before == status || before == RefundStatus::Failed {
            news.status = before;
            return;
        }
        let (reference, payment) = (news.reference.clone(), news.payment.to_string());
        if let Some(payment) = self.payments.get(&payment).cloned() {
            // A refund that fails without having left is listed as gone and back at once.
            let gone = before == RefundStatus::Pending;
            let back = status == RefundStatus::Failed;
            for is_gain in [gone.then_some(false), back.then_some(true)].into_iter().flatten() {
                let (refund, named) = (reference.clone(), Some(payment.reference.clone()));
                let cause = MovementCause::Refund { refund, payment: named, is_gain };
                self.moved(payment.provider, cause, None, &payment, now);
            }
        }
        self.reach(match status {
            RefundStatus::Pending => "a refund was pending",
            RefundStatus::Succeeded => "a refund succeeded",
            RefundStatus::Failed => "a refund failed",
        });
        self.tell_refund(refund);
    }

    pub(super) fn tell_refund(&mut self, refund: &str) {
        let Some(news) = self.refunds.get(refund).cloned() else { return };
        let Some(payment) = self.payments.get(news.payment.as_str()) else { return };
        let (provider, told) = (payment.provider, Told::of_refund(payment, &news));
        self.tell(provider, told);
    }

    pub(super) fn refund_by_hand(&mut self, payment: &str, minor: u64, now: Timestamp) {
        let Some(known) = self.payments.get(payment).cloned() else { return };
        let Ok(amount) = Money::from_minor(minor, known.amount.currency()) else { return };
        if self.may_refund(&known.reference, amount).is_err() {
            return;
        }
        let reference = self.fresh("re");
        let news = RefundNews {
            id: None,
            reference: reference.clone(),
            payment: known.reference,
            amount,
            status: RefundStatus::Pending,
        };
        self.refunds.insert(reference.to_string(), news);
        self.reach("somebody refunded at the provider");
        self.move_refund(reference.as_str(), RefundStatus::Succeeded, now);
        if self.faults().below(4) == 0 {
            let (after, refund) = (self.faults().span(COMES_BACK_WITHIN), reference.to_string());
            self.plan(now.plus(after), Change::Refund { refund, status: RefundStatus::Failed });
        }
    }

    /// One page of the payments, newest first.
    pub(crate) fn payments_page(
        &self,
        provider: Provider,
        since: Timestamp,
        after: Option<&str>,
    ) -> PaymentPage {
        let listed = self.payments.values().filter(|one| one.provider == provider && one.created_at >= since);
        let mut listed: Vec<&Payment> = listed.collect();
        listed.sort_by_key(|one| std::cmp::Reverse((one.created_at, one.reference.to_string())));
        let rest: Vec<&Payment> = match after {
            None => listed,
            Some(after) => {
                listed.into_iter().skip_while(|one| one.reference.as_str() != after).skip(1).collect()
            }
        };
        let page = &rest[..rest.len().min(PAGE)];
        let named = |one: &&Payment| (one.donation.clone(), self.outcome(one.reference.as_str()));
        let last = page.last().map(|one| one.reference.to_string());
        PaymentPage { next: last.filter(|_| rest.len() > PAGE), payments: page.iter().map(named).collect() }
    }

    /// One page of what moved, newest first.
    pub(crate) fn page(
        &self,
        provider: Provider,
        (since, now): (Timestamp, Timestamp),
        after: Option<&str>,
    ) -> MovementPage {
        let until = now.minus(self.listed_after);
        let listed = self.movements.iter().rev().filter(|(whose, _)| *whose == provider).map(|(_, one)| one);
        let listed = listed.filter(|one| one.occurred_at >= since && one.occurred_at <= until);
        let rest: Vec<&Movement> = match after {
            None => listed.collect(),
            Some(after) => listed.skip_while(|one| one.reference.as_str() != after).skip(1).collect(),
        };
        let movements: Vec<Movement> = rest.iter().take(PAGE).map(|one| (*one).clone()).collect();
        let last = movements.last().map(|one| one.reference.to_string());
        MovementPage { next: last.filter(|_| rest.len() > PAGE), movements }
    }

    pub(crate) fn has_moved_since(&self, since: Timestamp) -> bool {
        self.movements.last().is_some_and(|(_, last)| last.occurred_at >= since)
    }
}

const fn unknown() -> RefundOutcome {
    RefundOutcome::Unknown { reason: "the provider answered 500" }
}
