//! What an answer shows of Stripe itself, whatever it says of a payment.
//!
//! The limiter of the account answers 429 and gives its ground in `Stripe-Rate-Limited-Reason`; a 429 because
//! of one busy object (`lock_timeout`, `resource-specific`) asks nobody else for fewer calls, nor does a 409
//! (docs.stripe.com/rate-limits, docs.stripe.com/error-low-level).

use app::ports::{Sign, Watched};
use serde::de::IgnoredAny;

use super::client::Answer;
use super::wire::ErrorAnswer;
pub(super) use crate::outcomes::sign_of_failure as of_failure;

/// What an answer shows.
pub(super) fn of_answer(answer: &Answer) -> Sign {
    match (answer.status, &answer.body) {
        (429, _) if is_about_one_object(answer) => Sign::Well,
        (429, _) => Sign::TooMany,
        // A refused key, or a failure of long ago that is repeated from the store.
        (401 | 403, _) => Sign::Nothing,
        (500.., _) if answer.replayed => Sign::Nothing,
        (500.., _) | (_, None) => Sign::Failing,
        (_, Some(body)) if serde_json::from_slice::<IgnoredAny>(body).is_err() => Sign::Failing,
        (_, Some(_)) => Sign::Well,
    }
}

/// What was said to a request, and what it shows. One that was turned away for the moment may be made again, unless
/// Stripe asks to leave it (`Stripe-Should-Retry: false`).
pub(super) fn watched<T>(said: T, was_not_executed: bool, answer: &Answer) -> Watched<T> {
    let was_turned_away = was_not_executed && matches!(answer.status, 409 | 429);
    Watched { said, sign: of_answer(answer), again: was_turned_away && !answer.should_not_retry }
}

fn is_about_one_object(answer: &Answer) -> bool {
    let error = answer.body.as_deref().and_then(|body| serde_json::from_slice::<ErrorAnswer>(body).ok());
    let is_lock = error.is_some_and(|answer| answer.error.code.as_deref() == Some("lock_timeout"));
    is_lock || answer.limit == "resource-specific"
}
