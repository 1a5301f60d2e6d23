//! Donors' banks: they ask, take the money back, decide, and put it back, at once or one after the other.

use domain::journal::MovementCause;
use domain::money::Money;
use domain::takings::{DisputeNews, DisputeStatus, Withdrawal};
use domain::time::{Span, Timestamp};

use super::model::{Model, Payment, Standing};
use super::{Change, Told};

/// Longest that the bank takes to decide. A decision that moves no money is seen only while the reconciliation still
/// reads the dispute's opening again, or by a webhook.
const DECIDES_WITHIN: Span = Span::hours(10);
/// Longest between one step of a dispute and the next.
const STEP_WITHIN: Span = Span::hours(1);

/// What moves when a dispute goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moves {
    /// Nothing.
    Nothing,
    /// The bank takes the money.
    Withdrawn,
    /// The bank puts it back.
    PutBack,
}

/// Where a dispute goes next.
pub(crate) type Step = (DisputeStatus, Moves);

impl Model {
    /// The donor's bank turns to the provider. How it goes on is drawn now, and happens by and by.
    pub(super) fn dispute(&mut self, payment: &str, is_won: bool, now: Timestamp) {
        let Some(known) = self.payments.get(payment).cloned() else { return };
        let is_disputed = self.disputes.values().any(|dispute| dispute.payment == known.reference);
        if known.standing != Standing::Captured || is_disputed {
            return;
        }
        let reference = self.fresh("dp");
        let news = DisputeNews {
            reference: reference.clone(),
            payment: known.reference,
            status: DisputeStatus::Inquiry,
            withdrawn: None,
            reinstated: None,
        };
        self.disputes.insert(reference.to_string(), news);
        self.reach("a payment was disputed");
        let mut at = now;
        for (number, step) in self.course(is_won).into_iter().enumerate() {
            if number > 0 {
                let is_decision = matches!(step.0, DisputeStatus::Won | DisputeStatus::Lost);
                let within = if is_decision { DECIDES_WITHIN } else { STEP_WITHIN };
                at = at.plus(self.faults().span(within));
            }
            self.plan(at, Change::Dispute { dispute: reference.to_string(), step });
        }
    }

    /// The steps of a dispute, from its opening to its end.
    fn course(&self, is_won: bool) -> Vec<Step> {
        use DisputeStatus::{Inquiry, InquiryClosed, Lost, Open, Won};
        use Moves::{Nothing, PutBack, Withdrawn};
        let drawn = |bound| self.faults().below(bound);
        let mut steps = Vec::new();
        if drawn(4) == 0 {
            steps.push((Inquiry, Nothing));
            if drawn(2) == 0 {
                steps.push((InquiryClosed, Nothing));
                if drawn(4) > 0 {
                    return steps;
                }
            }
        }
        if drawn(3) == 0 {
            steps.push((Open, Nothing));
        }
        steps.push((Open, Withdrawn));
        match (is_won, drawn(3) == 0) {
            (true, true) => steps.extend([(Won, Nothing), (Won, PutBack)]),
            (true, false) => steps.push((Won, PutBack)),
            (false, _) => steps.push((Lost, Nothing)),
        }
        steps
    }

    /// The dispute goes on.
    pub(super) fn move_dispute(&mut self, dispute: &str, (status, moves): Step, now: Timestamp) {
        let Some(mut news) = self.disputes.get(dispute).cloned() else { return };
        let Some(payment) = self.payments.get(news.payment.as_str()).cloned() else { return };
        news.status = status;
        match moves {
            Moves::Nothing => {}
            Moves::Withdrawn => {
                let left = payment.amount.minor().saturating_sub(self.refunded(&payment.reference));
                let held = if left == 0 { payment.amount.minor() } else { left };
                let amount = Money::from_minor(held, payment.amount.currency());
                news.withdrawn = amount.ok().map(|amount| Withdrawal { amount, fee: None });
            }
            Moves::PutBack => news.reinstated = news.withdrawn,
        }
        self.disputes.insert(dispute.to_owned(), news.clone());
        if moves != Moves::Nothing {
            let named = Some(payment.reference.clone());
            let is_gain = moves == Moves::PutBack;
            let cause = MovementCause::Dispute { dispute: news.reference.clone(), payment: named, is_gain };
            self.moved(payment.provider, cause, None, &payment, now);
        }
        match status {
            DisputeStatus::Won => self.reach("a dispute was won"),
            DisputeStatus::Lost => self.reach("a dispute was lost"),
            DisputeStatus::InquiryClosed => self.reach("a bank asked, and was content"),
            DisputeStatus::Inquiry | DisputeStatus::Open => {}
        }
        self.tell_dispute(&payment, &news);
    }

    fn tell_dispute(&mut self, payment: &Payment, news: &DisputeNews) {
        let told = Told::of_dispute(payment, news);
        self.tell(payment.provider, told);
    }
}
