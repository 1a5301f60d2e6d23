//! Payments and keys: what the provider does when it is asked for money.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::ports::Collection;
use domain::ids::{Appeal, DonationId, Provider, ProviderReference};
use domain::journal::{Movement, MovementCause};
use domain::money::Money;
use domain::payment::{DeclineReason, NextAction, PaymentOutcome};
use domain::takings::{DisputeNews, RefundNews};
use domain::time::{Span, Timestamp};

use crate::faults::{Class, Faults};
use crate::knobs::Knobs;
use crate::provider::{Card, Change, Told};

use super::keys::{Answer, Kept};

/// Where a payment stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// The money was taken.
    Captured,
    /// No.
    Declined(DeclineReason),
    /// Called off.
    Cancelled,
    /// The bank asks the donor.
    ActionRequired,
    /// The provider works on it.
    Processing,
}

/// A payment at the provider.
#[derive(Debug, Clone)]
pub(crate) struct Payment {
    pub(crate) reference: ProviderReference,
    pub(crate) provider: Provider,
    pub(crate) donation: DonationId,
    pub(crate) appeal: Appeal,
    pub(crate) amount: Money,
    pub(crate) created_at: Timestamp,
    pub(crate) standing: Standing,
}

/// Both providers' books.
#[derive(Debug)]
pub(crate) struct Model {
    faults: Arc<Mutex<Faults>>,
    pub(super) key_kept: Span,
    pub(super) listed_after: Span,
    /// Whether anybody would learn of what happens behind our backs.
    pub(super) nets: bool,
    pub(super) keys: BTreeMap<String, Kept>,
    pub(super) count: u64,
    pub(crate) forgotten: u32,
    pub(crate) cards: BTreeMap<String, Card>,
    pub(crate) payments: BTreeMap<String, Payment>,
    pub(crate) refunds: BTreeMap<String, RefundNews>,
    pub(crate) disputes: BTreeMap<String, DisputeNews>,
    /// Every movement of a balance with its provider, oldest first.
    pub(super) movements: Vec<(Provider, Movement)>,
    planned: BTreeMap<(Timestamp, u64), Change>,
    /// Notifications that were not sent yet: provider, event id, what it says.
    news: Vec<(Provider, u64, Told)>,
    /// What the pipeline did that it must never do.
    pub(crate) breaches: Vec<String>,
    /// What happened here, for the count of what was reached.
    pub(crate) reached: BTreeMap<&'static str, u64>,
}

impl Model {
    pub(crate) fn new(faults: Arc<Mutex<Faults>>, knobs: &Knobs) -> Self {
        Self {
            faults,
            key_kept: knobs.key_kept,
            listed_after: knobs.listed_after,
            nets: knobs.nets,
            keys: BTreeMap::new(),
            count: 0,
            forgotten: 0,
            cards: BTreeMap::new(),
            payments: BTreeMap::new(),
            refunds: BTreeMap::new(),
            disputes: BTreeMap::new(),
            movements: Vec::new(),
            planned: BTreeMap::new(),
            news: Vec::new(),
            breaches: Vec::new(),
            reached: BTreeMap::new(),
        }
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reach(&mut self, what: &'static str) {
        *self.reached.entry(what).or_default() += 1;
    }

    pub(super) fn fresh(&mut self, prefix: &str) -> ProviderReference {
        self.count += 1;
        let text = format!("{prefix}_{:08}", self.count);
        ProviderReference::parse(&text).expect("at most twenty visible ASCII characters")
    }

    pub(crate) fn take_news(&mut self) -> Vec<(Provider, u64, Told)> {
        std::mem::take(&mut self.news)
    }

    pub(super) fn tell(&mut self, provider: Provider, told: Told) {
        self.count += 1;
        self.news.push((provider, self.count, told));
    }

    pub(crate) fn plan(&mut self, at: Timestamp, change: Change) {
        self.count += 1;
        self.planned.insert((at, self.count), change);
    }

    pub(crate) fn next_planned_at(&self) -> Option<Timestamp> {
        self.planned.first_key_value().map(|((at, _), _)| *at)
    }

    /// Lets happen what was planned for now.
    pub(crate) fn change(&mut self, now: Timestamp) {
        while let Some(first) = self.planned.first_entry().filter(|first| first.key().0 <= now) {
            let change = first.remove();
            self.apply(&change, now);
        }
    }

    fn apply(&mut self, change: &Change, now: Timestamp) {
        match change {
            Change::Capture { payment } => self.capture(payment, now),
            Change::Decline { payment } => {
                let is_open = |one: &&mut Payment| {
                    matches!(one.standing, Standing::ActionRequired | Standing::Processing)
                };
                if let Some(open) = self.payments.get_mut(payment).filter(is_open) {
                    open.standing = Standing::Declined(DeclineReason::Refused);
                    self.reach("a payment was declined after a while");
                    self.tell_payment(payment);
                }
            }
            Change::Refund { refund, status } => self.move_refund(refund, *status, now),
            Change::Process { payment } => {
                let is_waiting = |one: &&mut Payment| one.standing == Standing::ActionRequired;
                if let Some(waiting) = self.payments.get_mut(payment).filter(is_waiting) {
                    waiting.standing = Standing::Processing;
                    self.tell_payment(payment);
                }
            }
            Change::Contest { payment, is_won } => self.dispute(payment, *is_won, now),
            Change::Dispute { dispute, step } => self.move_dispute(dispute, *step, now),
            Change::RefundByHand { payment, minor } => self.refund_by_hand(payment, *minor, now),
        }
    }

    /// Asks for a payment.
    pub(crate) fn collect(
        &mut self,
        provider: Provider,
        asked: &Collection,
        now: Timestamp,
    ) -> PaymentOutcome {
        let key = asked.key.as_str();
        let payload = format!(
            "{} {} {} {} {} {} {}",
            asked.donation,
            asked.appeal,
            asked.amount,
            asked.amount.currency(),
            asked.token,
            asked.return_url,
            asked.step_up
        );
        if let Some(kept) = self.kept(key, &payload, now) {
            return match kept.answer {
                Answer::Payment(outcome) => outcome,
                Answer::Refused(code) => PaymentOutcome::Rejected { code: code.to_owned() },
                Answer::Broken | Answer::Refund(_) => broken(),
            };
        }
        let refuses = self.faults().strikes(Class::StoredRefusal, || format!("payment {key}"));
        if refuses {
            self.reach("the provider stored a 500 and made nothing");
            self.keep(key, payload, now, Answer::Broken);
            return broken();
        }
        let card = self.cards.get(asked.token.as_str()).copied().unwrap_or(Card::Pays);
        if let Card::Swallowed(last) = card
            && (1..=last).any(|number| *key == format!("{}-{number}", asked.donation))
        {
            self.reach("a request was swallowed");
            return broken();
        }
        if card == Card::Rejected {
            self.reach("the provider rejected a request");
            self.keep(key, payload, now, Answer::Refused("parameter_invalid"));
            return PaymentOutcome::Rejected { code: "parameter_invalid".to_owned() };
        }
        let reference = self.make(provider, asked, card, now);
        let outcome = self.outcome(reference.as_str());
        let breaks = self.faults().strikes(Class::StoredError, || format!("payment {key}"));
        if breaks {
            self.reach("the provider stored a 500 and made the payment");
            self.keep(key, payload, now, Answer::Broken);
            return broken();
        }
        self.keep(key, payload, now, Answer::Payment(outcome.clone()));
        outcome
    }

    fn make(
        &mut self,
        provider: Provider,
        asked: &Collection,
        card: Card,
        now: Timestamp,
    ) -> ProviderReference {
        let reference = self.fresh("pi");
        let text = reference.to_string();
        let (standing, later) = match card {
            Card::Pays | Card::PaysLess | Card::Rejected | Card::Swallowed(_) => (Standing::Captured, None),
            Card::Declines(reason) => (Standing::Declined(reason), None),
            Card::Confirms(after) => (Standing::ActionRequired, Some((after, true))),
            Card::Fails(after) => (Standing::ActionRequired, Some((after, false))),
            Card::Leaves => (Standing::ActionRequired, None),
            Card::PaysLater(after) => (Standing::Processing, Some((after, true))),
            Card::DeclinesLater(after) => (Standing::Processing, Some((after, false))),
            Card::Flips(after) => (Standing::Declined(DeclineReason::Refused), Some((after, true))),
        };
        let amount = if card == Card::PaysLess {
            Money::from_minor(asked.amount.minor().saturating_sub(1), asked.amount.currency())
        } else {
            Ok(asked.amount)
        };
        let payment = Payment {
            reference: reference.clone(),
            provider,
            donation: asked.donation.clone(),
            appeal: asked.appeal.clone(),
            amount: amount.unwrap_or(asked.amount),
            created_at: now,
            standing: if standing == Standing::Captured { Standing::Processing } else { standing },
        };
        self.payments.insert(text.clone(), payment);
        match standing {
            Standing::Captured => self.capture(&text, now),
            _ => self.tell_payment(&text),
        }
        if let Some((after, is_yes)) = later {
            let mut at = now.plus(after);
            if standing == Standing::ActionRequired && is_yes && self.faults().below(3) == 0 {
                self.plan(at, Change::Process { payment: text.clone() });
                at = at.plus(self.faults().span(Span::minutes(10)));
            }
            let change =
                if is_yes { Change::Capture { payment: text } } else { Change::Decline { payment: text } };
            self.plan(at, change);
        }
        reference
    }

    /// The payment takes its money, unless it has already or was called off.
    fn capture(&mut self, reference: &str, now: Timestamp) {
        let Some(payment) = self.payments.get_mut(reference) else { return };
        let is_late = now > payment.created_at;
        match payment.standing {
            Standing::Captured => return,
            Standing::Cancelled => return self.reach("a donor confirmed what had been called off"),
            Standing::Declined(_) => {
                payment.standing = Standing::Captured;
                self.reach("a decline flipped to a capture");
            }
            Standing::ActionRequired | Standing::Processing => payment.standing = Standing::Captured,
        }
        if is_late && self.takes_less(reference) {
            self.reach("less was taken later than was asked for");
        }
        let Some(payment) = self.payments.get(reference).cloned() else { return };
        let fee = Money::from_minor(payment.amount.minor() / 70 + 20, payment.amount.currency());
        let cause = MovementCause::Charge { payment: payment.reference.clone(), amount: payment.amount };
        self.moved(payment.provider, cause, fee.ok(), &payment, now);
        self.tell_payment(reference);
        self.strike_second(&payment, now);
    }

    pub(super) fn moved(
        &mut self,
        provider: Provider,
        cause: MovementCause,
        fee: Option<Money>,
        payment: &Payment,
        now: Timestamp,
    ) {
        let movement = Movement {
            reference: self.fresh("txn"),
            cause,
            fee,
            settled_with: None,
            fee_returned: None,
            donation: Some(payment.donation.clone()),
            appeal: Some(payment.appeal.clone()),
            occurred_at: now,
        };
        self.movements.push((provider, movement));
    }

    fn tell_payment(&mut self, reference: &str) {
        let Some(payment) = self.payments.get(reference) else { return };
        let (provider, told) = (payment.provider, Told::of_payment(payment, &self.outcome(reference)));
        self.tell(provider, told);
    }

    /// Where the payment stands now.
    pub(crate) fn outcome(&self, reference: &str) -> PaymentOutcome {
        let Some(payment) = self.payments.get(reference) else {
            return PaymentOutcome::Unknown { reason: "the provider has no such payment" };
        };
        let reference = payment.reference.clone();
        match payment.standing {
            Standing::Captured => {
                PaymentOutcome::Captured { reference, amount: payment.amount, created_at: payment.created_at }
            }
            Standing::Declined(reason) => PaymentOutcome::Declined { reference: Some(reference), reason },
            Standing::Cancelled => PaymentOutcome::Cancelled { reference },
            Standing::Processing => PaymentOutcome::Processing { reference },
            Standing::ActionRequired => {
                let url = format!("https://bank.example/{reference}");
                PaymentOutcome::ActionRequired { reference, action: NextAction::Redirect { url } }
            }
        }
    }

    /// Calls a payment off: one that took money keeps it.
    pub(crate) fn call_off(&mut self, reference: &str) -> PaymentOutcome {
        if let Some(payment) = self.payments.get_mut(reference)
            && matches!(payment.standing, Standing::ActionRequired | Standing::Processing)
        {
            payment.standing = Standing::Cancelled;
            self.reach("a payment was called off");
            self.tell_payment(reference);
        }
        self.outcome(reference)
    }
}

pub(super) const fn broken() -> PaymentOutcome {
    PaymentOutcome::Unknown { reason: "the provider answered 500" }
}
