//! What follows from news of money: captures, refunds, disputes.

use crate::ids::{Operator, ProviderKey, ProviderReference, RefundId};
use crate::money::Money;
use crate::payment::{ATTEMPTS_MAX, Attempt, Capture, KeyLife, Payment, ReviewReason};
use crate::takings::{
    CAPTURES_MAX, DISPUTES_MAX, Dispute, DisputeNews, DisputeStatus, REFUNDS_MAX, Refund, RefundNews,
    RefundReason, RefundState, Takings, Withdrawal,
};
use crate::time::Timestamp;

use super::{Donation, Event, RefundRequest, RefundStep, Refusal};

impl Donation {
    /// Every capture counts, for the money was taken. All but one go back.
    pub(super) fn record_capture(&self, capture: Capture) -> Result<Vec<Event>, Refusal> {
        let known = self.payment.takings();
        if let Some(same) = known.and_then(|takings| takings.capture(&capture.reference)) {
            return if same.amount == capture.amount { Ok(vec![]) } else { Err(Refusal::Contradiction) };
        }
        if known.is_some_and(|takings| takings.captures().len() >= CAPTURES_MAX) {
            return Err(Refusal::TooMany);
        }
        let at = capture.captured_at;
        let takings = self.takings_with(&capture);
        let mut events = vec![Event::Captured { capture }];
        let is_reviewed = matches!(self.payment, Payment::UnderReview { .. });
        if !takings.as_wanted() && (known.is_none() || is_reviewed) {
            events.push(Event::ReviewNeeded { reason: ReviewReason::AmountDiffers, at });
        }
        events.extend(self.follow_duplicates(&takings, at));
        Ok(events)
    }

    pub(super) fn takings_with(&self, capture: &Capture) -> Takings {
        match self.payment.takings() {
            Some(takings) => takings.clone().with_capture(capture.clone()),
            None => Takings::of(self.gift.amount, capture.clone()),
        }
    }

    /// What was taken twice goes back: for each duplicate one refund of all that is left of it, unless the
    /// bank holds its money. Until that refund is begun it follows the takings, so that it does not matter in
    /// which order their news came.
    fn follow_duplicates(&self, takings: &Takings, at: Timestamp) -> Vec<Event> {
        takings
            .duplicates()
            .iter()
            .filter_map(|capture| self.follow_duplicate(takings, capture, at))
            .collect()
    }

    fn follow_duplicate(&self, takings: &Takings, capture: &Capture, at: Timestamp) -> Option<Event> {
        let id = RefundId::of_duplicate(&self.id, &capture.reference);
        let known = takings.refund(&id);
        if known.is_some_and(|refund| !refund.is_unbegun()) {
            return None;
        }
        let asked = known.map(|refund| refund.amount);
        let others = takings.clone().without_refund(&id);
        let left = if others.is_contested(&capture.reference) { 0 } else { others.refundable(capture) };
        let wanted = Money::from_minor(left, capture.amount.currency()).ok();
        if wanted == asked {
            return None;
        }
        let Some(amount) = wanted else { return Some(Event::RefundDropped { refund: id }) };
        let refund = Refund {
            id,
            payment: capture.reference.clone(),
            amount,
            reason: RefundReason::Duplicate,
            asked_by: Operator::pipeline(),
            asked_at: at,
            attempt: None,
            state: RefundState::Requested,
        };
        Some(Event::RefundRequested { refund })
    }

    pub(super) fn request_refund(
        &self,
        request: RefundRequest,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let takings = self.payment.takings().ok_or(Refusal::NothingToRefund)?;
        let capture = match &request.payment {
            Some(reference) => takings.capture(reference).ok_or(Refusal::NothingToRefund)?,
            None => takings.kept(),
        };
        if let Some(known) = takings.refund(&request.id) {
            let same = known.payment == capture.reference
                && request.amount.is_none_or(|amount| amount == known.amount)
                && known.reason == request.reason;
            return if same { Ok(vec![]) } else { Err(Refusal::RefundKeyReused) };
        }
        if takings.refunds().len() >= REFUNDS_MAX {
            return Err(Refusal::TooMany);
        }
        if takings.is_contested(&capture.reference) {
            return Err(Refusal::MoneyDisputed);
        }
        let left = takings.refundable(capture);
        let amount = match request.amount {
            Some(amount) if amount.currency() == capture.amount.currency() && amount.minor() <= left => {
                amount
            }
            Some(_) => return Err(Refusal::RefundTooLarge),
            None => {
                Money::from_minor(left, capture.amount.currency()).map_err(|_| Refusal::RefundTooLarge)?
            }
        };
        let refund = Refund {
            id: request.id,
            payment: capture.reference.clone(),
            amount,
            reason: request.reason,
            asked_by: request.asked_by,
            asked_at: at,
            attempt: None,
            state: RefundState::Requested,
        };
        Ok(vec![Event::RefundRequested { refund }])
    }

    fn refund(&self, id: &RefundId) -> Result<(&Takings, &Refund), Refusal> {
        let takings = self.payment.takings().ok_or(Refusal::NoSuchRefund)?;
        Ok((takings, takings.refund(id).ok_or(Refusal::NoSuchRefund)?))
    }

    pub(super) fn start_refund(&self, id: &RefundId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let (takings, refund) = self.refund(id)?;
        if !refund.is_unbegun() {
            return Err(Refusal::AttemptNotAllowed);
        }
        if takings.is_contested(&refund.payment) {
            return Err(Refusal::MoneyDisputed);
        }
        Ok(vec![refund_started(id, 1, at)])
    }

    /// Absence proves something only once the key is old enough; then another attempt is safe, and after the
    /// last one the refund has failed.
    pub(super) fn record_refund_absence(
        &self,
        id: &RefundId,
        at: Timestamp,
        key_life: KeyLife,
    ) -> Result<Vec<Event>, Refusal> {
        let (takings, refund) = self.refund(id)?;
        let Some(attempt) = &refund.attempt else { return Ok(vec![]) };
        let is_asked = Self::next_refund_step(refund, at, key_life) == RefundStep::Ask;
        let is_old = at.since(attempt.first_called_at) >= key_life.absence_proves_from;
        if !(is_asked && is_old && refund.state == RefundState::Requested) {
            return Ok(vec![]);
        }
        if attempt.number < ATTEMPTS_MAX {
            return Ok(vec![refund_started(id, attempt.number.saturating_add(1), at)]);
        }
        Ok(self.refund_moved(takings, failed_unmade(refund, at), at))
    }

    pub(super) fn record_refund_rejected(&self, id: &RefundId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let (takings, refund) = self.refund(id)?;
        // The provider has named the refund: rejecting a request since then says nothing about it.
        if refund.state != RefundState::Requested {
            return Ok(vec![]);
        }
        Ok(self.refund_moved(takings, failed_unmade(refund, at), at))
    }

    pub(super) fn record_refund(&self, news: &RefundNews, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let (takings, capture) = self.capture_of(&news.payment)?;
        if news.amount.currency() != capture.amount.currency() {
            return Err(Refusal::Contradiction);
        }
        let refund = match takings.refund_of(news) {
            Some(known) => known.clone(),
            None if takings.refunds().len() >= REFUNDS_MAX => return Err(Refusal::TooMany),
            None => Refund::made_at_provider(news, at),
        };
        let moved = refund.after(news, at).map_err(|_| Refusal::Contradiction)?;
        Ok(if moved == refund { vec![] } else { self.refund_moved(takings, moved, at) })
    }

    fn refund_moved(&self, takings: &Takings, refund: Refund, at: Timestamp) -> Vec<Event> {
        let after = takings.clone().with_refund(refund.clone());
        let duplicates = self.follow_duplicates(&after, at);
        std::iter::once(Event::RefundMoved { refund, at }).chain(duplicates).collect()
    }

    /// A dispute that is lost as it opens: nobody is asked. That it was given back since, or was taken back more than
    /// once, is for whoever can tell the times apart to say.
    pub(super) fn record_taken_back(
        &self,
        payment: &ProviderReference,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let (_, capture) = self.capture_of(payment)?;
        let news = DisputeNews {
            reference: ProviderReference::of_taken_back(payment, 1),
            payment: payment.clone(),
            status: DisputeStatus::Lost,
            withdrawn: Some(Withdrawal { amount: capture.amount, fee: None }),
            reinstated: None,
        };
        self.record_dispute(&news, at)
    }

    pub(super) fn record_dispute(&self, news: &DisputeNews, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let (takings, _) = self.capture_of(&news.payment)?;
        let known = takings.disputes().iter().find(|dispute| dispute.reference == news.reference);
        let dispute = match known {
            Some(known) => known.after(news, at).map_err(|_| Refusal::Contradiction)?,
            None if takings.disputes().len() >= DISPUTES_MAX => return Err(Refusal::TooMany),
            None => Dispute::of(news, at),
        };
        if known == Some(&dispute) {
            return Ok(vec![]);
        }
        let after = takings.clone().with_dispute(dispute.clone());
        let duplicates = self.follow_duplicates(&after, at);
        Ok(std::iter::once(Event::DisputeMoved { dispute, at }).chain(duplicates).collect())
    }

    /// The capture that is reversed, and the takings that it belongs to.
    fn capture_of(&self, payment: &ProviderReference) -> Result<(&Takings, &Capture), Refusal> {
        let takings = self.payment.takings().ok_or(Refusal::ReversalBeforeCapture)?;
        Ok((takings, takings.capture(payment).ok_or(Refusal::ReversalBeforeCapture)?))
    }
}

fn refund_started(id: &RefundId, number: u32, at: Timestamp) -> Event {
    let key = ProviderKey::of_refund(id, number);
    Event::RefundStarted { refund: id.clone(), attempt: Attempt { number, key, first_called_at: at } }
}

fn failed_unmade(refund: &Refund, at: Timestamp) -> Refund {
    let state = RefundState::Failed { reference: None, left_at: at, at };
    Refund { state, ..refund.clone() }
}
