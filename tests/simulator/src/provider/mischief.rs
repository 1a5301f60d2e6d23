//! What nobody who is asked for money twice, or who is asked late, can be kept from doing.

use domain::money::Money;
use domain::time::{Span, Timestamp};

use super::Change;
use super::model::{Model, Payment, Standing};

impl Model {
    /// A provider that says yes late may take one minor unit less than it was asked for.
    pub(super) fn takes_less(&mut self, reference: &str) -> bool {
        let is_less = self.faults().below(40) == 0;
        let Some(payment) = self.payments.get_mut(reference).filter(|_| is_less) else { return false };
        let less = Money::from_minor(payment.amount.minor().saturating_sub(1), payment.amount.currency());
        payment.amount = less.unwrap_or(payment.amount);
        true
    }

    /// A donor who sees that the money was taken twice may go to the bank about either, or be helped at the provider,
    /// before we have given one back.
    pub(super) fn strike_second(&mut self, payment: &Payment, now: Timestamp) {
        let is_taken =
            |one: &&Payment| one.donation == payment.donation && one.standing == Standing::Captured;
        let taken: Vec<String> =
            self.payments.values().filter(is_taken).map(|one| one.reference.to_string()).collect();
        if taken.len() < 2 || !self.nets {
            return;
        }
        let choice = self.faults().below(6);
        let place = self.faults().below(2);
        let payment_of = |place: u64| taken[usize::from(place > 0)].clone();
        let change = match choice {
            0 => Change::RefundByHand { payment: payment_of(place), minor: payment.amount.minor() },
            1 | 2 => Change::Contest { payment: payment_of(place), is_won: choice == 1 },
            _ => return,
        };
        let at = now.plus(self.faults().span(Span::minutes(5)));
        self.plan(at, change);
    }
}
