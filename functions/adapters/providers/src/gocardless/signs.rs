//! What an answer shows of GoCardless itself, whatever it says of a payment.
//!
//! Its one limiter counts all calls of an account: 429 asks everybody for fewer
//! (`developer.gocardless.com/api-reference`, rate limiting).

use app::ports::{Sign, Watched};
use serde::de::IgnoredAny;

use crate::http::RawAnswer;

/// What an answer shows.
pub(super) fn of_answer(answer: &RawAnswer) -> Sign {
    match (answer.status, &answer.body) {
        (429, _) => Sign::TooMany,
        // A refused key is ours to mend.
        (401 | 403, _) => Sign::Nothing,
        (500.., _) | (_, None) => Sign::Failing,
        (_, Some(body)) if serde_json::from_slice::<IgnoredAny>(body).is_err() => Sign::Failing,
        (_, Some(_)) => Sign::Well,
    }
}

/// What the answer to a request said, and what it shows. One that the limiter turned away may be made again.
pub(super) fn watched<T>(said: T, was_not_executed: bool, answer: &RawAnswer) -> Watched<T> {
    Watched { said, sign: of_answer(answer), again: was_not_executed && answer.status == 429 }
}
