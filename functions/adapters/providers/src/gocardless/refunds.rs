//! Giving money back: asking for a refund, reading one, and finding ours among a payment's.

use app::ports::{Fault, ProviderCredentials, RefundOrder, Sign, Watched};
use domain::currency::Currency;
use domain::ids::{ProviderReference, RefundId};
use domain::money::Money;
use domain::takings::{RefundNews, RefundOutcome, RefundStatus};

use super::client::Unlisted;
use super::requests::CreateRefund;
use super::wire::{ApiError, ErrorAnswer, OneRefund, Refund, Refunds};
use super::{GoCardlessConnector, signs};
use crate::http::RawAnswer;
use crate::outcomes::{of_refund_failure, report_refund, sign_of_failure};

const REFUNDS: &str = "refunds";
/// Most pages of a payment's refunds; GoCardless makes no more than a few for one payment.
const PAGES_MAX: usize = 2;

impl<C: ProviderCredentials> GoCardlessConnector<C> {
    /// Asks for a refund. Safe to repeat with the same key and total.
    pub(super) async fn ask_for_refund(&self, request: &RefundOrder) -> Watched<RefundOutcome> {
        match self.client.post(&[REFUNDS], &request.key, &CreateRefund::of(request)).await {
            Ok(answer) => match of_refund(&answer, request) {
                Verdict::Settled(outcome) => {
                    report_refund(answer.status, &answer.request_id, &outcome);
                    let was_not_executed = matches!(outcome, RefundOutcome::NotExecuted { .. });
                    signs::watched(outcome, was_not_executed, &answer)
                }
                Verdict::MadeBefore(reference) => {
                    let made = self.show_refund(&reference).await.map(|shown| match shown {
                        RefundOutcome::Known(news) => ours_or_unknown(news, request),
                        // It exists: that it cannot be read now proves nothing.
                        _ => unknown("the refund that the key made could not be read"),
                    });
                    if let RefundOutcome::Unknown { reason } = &made.said {
                        tracing::warn!(reason, "no certain answer to a refund request");
                    }
                    made
                }
            },
            Err(failure) => {
                tracing::warn!(error = &failure as &dyn std::error::Error, "no answer to a refund request");
                Watched::of(of_refund_failure(&failure), sign_of_failure(&failure))
            }
        }
    }

    /// What became of the refund with this reference. A failed question says nothing about it.
    pub(super) async fn show_refund(&self, reference: &ProviderReference) -> Watched<RefundOutcome> {
        let answer = match self.client.get(&[REFUNDS, reference.as_str()]).await {
            Ok(answer) => answer,
            Err(failure) => {
                let outcome = unknown("the provider could not be asked");
                return Watched::of(outcome, sign_of_failure(&failure));
            }
        };
        Watched::of(of_shown(&answer, reference), signs::of_answer(&answer))
    }

    /// Our refund with this id among those of a payment; none when the list is complete and has no such refund.
    ///
    /// # Errors
    /// [`Unlisted`] when the list was not read to its end, or when one of its refunds could not be: absence is not
    /// proven.
    pub(super) async fn refund_of(
        &self,
        payment: &ProviderReference,
        id: &RefundId,
    ) -> Result<Option<RefundNews>, Unlisted> {
        let (mut found, mut unreadable) = (None, None);
        let look = |refunds: Vec<Refund>| {
            for refund in &refunds {
                match news(refund) {
                    Ok(news) if news.id.as_ref() == Some(id) => found = Some(news),
                    Ok(_) => {}
                    Err(reason) => unreadable = Some(reason),
                }
            }
            found.is_some()
        };
        self.client.walk::<Refunds>(&[("payment", payment.as_str())], PAGES_MAX, look).await?;
        match (found, unreadable) {
            (None, Some(reason)) => {
                let fault = Fault::transient("find a refund among a payment's", reason);
                Err(Unlisted { fault, sign: Sign::Well })
            }
            (found, _) => Ok(found),
        }
    }
}

fn of_shown(answer: &RawAnswer, reference: &ProviderReference) -> RefundOutcome {
    if !(200..300).contains(&answer.status) {
        return unknown("the provider did not show the refund");
    }
    match read(answer) {
        Ok(news) if news.reference == *reference => RefundOutcome::Known(news),
        Ok(_) => unknown("the provider's answer is about another refund"),
        Err(reason) => unknown(reason),
    }
}

/// What the answer to a request for a refund means.
enum Verdict {
    Settled(RefundOutcome),
    MadeBefore(ProviderReference),
}

fn of_refund(answer: &RawAnswer, request: &RefundOrder) -> Verdict {
    let settled = match answer.status {
        429 => RefundOutcome::NotExecuted { reason: "the provider asks for fewer requests" },
        401 | 403 => RefundOutcome::NotExecuted { reason: "the provider refuses our API key" },
        500.. => unknown("the provider failed"),
        200..300 => match read(answer) {
            Ok(news) => ours_or_unknown(news, request),
            Err(reason) => unknown(reason),
        },
        _ => {
            let Some(body) = &answer.body else {
                return Verdict::Settled(unknown("the provider's answer did not arrive whole"));
            };
            match serde_json::from_slice::<ErrorAnswer>(body) {
                Ok(ErrorAnswer { error }) => return of_error(answer.status, &error),
                Err(_) => unknown("the provider's error cannot be read"),
            }
        }
    };
    Verdict::Settled(settled)
}

fn of_error(status: u16, error: &ApiError) -> Verdict {
    let settled = match error.kind.as_deref() {
        Some("invalid_state") => match error.conflicting() {
            Some(Ok(reference)) => return Verdict::MadeBefore(reference),
            Some(Err(_)) => unknown("the key has made a refund that the provider does not name"),
            None => of_state(error),
        },
        Some(kind @ ("validation_failed" | "invalid_api_usage")) if (400..500).contains(&status) => {
            RefundOutcome::Rejected { code: error.code(kind) }
        }
        Some(_) | None => unknown("the provider's error is not known"),
    };
    Verdict::Settled(settled)
}

fn of_state(error: &ApiError) -> RefundOutcome {
    let is = |names: &[&str]| error.has(|reason| names.contains(&reason));
    if is(&["available_refund_amount_insufficient"]) {
        return RefundOutcome::NotExecuted { reason: "the provider holds too little for the refund" };
    }
    if is(&["number_of_refunds_exceeded", "refund_payment_invalid_state", "refund_is_unreachable"]) {
        return RefundOutcome::Rejected { code: error.code("invalid_state") };
    }
    if is(&["total_amount_confirmation_invalid"]) {
        return unknown("the provider's books have other refunds of the payment than ours");
    }
    unknown("the provider objects to a state that is not known")
}

/// A refund counts as the answer only if it is the one that was asked for.
fn ours_or_unknown(news: RefundNews, request: &RefundOrder) -> RefundOutcome {
    let is_ours = news.id.as_ref() == Some(&request.refund)
        && news.payment == request.payment
        && news.amount == request.amount;
    if is_ours {
        RefundOutcome::Known(news)
    } else {
        unknown("the provider's answer is about another refund")
    }
}

fn read(answer: &RawAnswer) -> Result<RefundNews, &'static str> {
    let body = answer.body.as_ref().ok_or("the provider's answer did not arrive whole")?;
    let OneRefund { refunds } =
        serde_json::from_slice(body).map_err(|_| "the provider's answer cannot be read")?;
    news(&refunds)
}

/// What a refund's own state means.
fn news(refund: &Refund) -> Result<RefundNews, &'static str> {
    let reference =
        ProviderReference::parse(&refund.id).map_err(|_| "the refund's id is not of a known form")?;
    let payment = refund.links.as_ref().and_then(|links| links.payment.as_deref());
    let payment = payment.and_then(|id| ProviderReference::parse(id).ok());
    let payment = payment.ok_or("the refund is of no payment")?;
    let currency = refund.currency.as_deref().and_then(|code| Currency::from_code(code).ok());
    let amount = refund.amount.zip(currency).map(|(minor, currency)| Money::from_minor(minor, currency));
    let Some(Ok(amount)) = amount else { return Err("the refund's amount cannot be read") };
    let status = match refund.status.as_deref() {
        Some("created" | "pending_submission" | "submitted") => RefundStatus::Pending,
        Some("paid") => RefundStatus::Succeeded,
        Some("cancelled" | "bounced" | "funds_returned") => RefundStatus::Failed,
        Some(_) | None => return Err("the refund's status is not known"),
    };
    let id = refund.metadata.as_ref().and_then(|metadata| metadata.refund_id.as_deref());
    let id = id.and_then(|id| RefundId::parse(id).ok());
    Ok(RefundNews { id, reference, payment, amount, status })
}

const fn unknown(reason: &'static str) -> RefundOutcome {
    RefundOutcome::Unknown { reason }
}
