use domain::payment::DeclineReason;

use super::wire::ApiError;

/// Why a card was declined: from the issuer's code or, only where there is none, from Stripe's own.
///
/// Every code that is not listed is a refusal; that is true of each decline, and tells a thief nothing.
/// Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes.
pub(super) fn reason(error: &ApiError) -> DeclineReason {
    match error.decline_code.as_deref().or(error.code.as_deref()) {
        Some("insufficient_funds" | "card_velocity_exceeded" | "withdrawal_count_limit_exceeded") => {
            DeclineReason::InsufficientFunds
        }
        Some(
            "expired_card"
            | "incorrect_number"
            | "invalid_number"
            | "incorrect_cvc"
            | "invalid_cvc"
            | "invalid_expiry_month"
            | "invalid_expiry_year"
            | "incorrect_zip"
            | "incorrect_address"
            | "invalid_account"
            | "new_account_information_available",
        ) => DeclineReason::CardDetails,
        Some(
            "authentication_required"
            | "authentication_not_handled"
            | "payment_intent_authentication_failure",
        ) => DeclineReason::AuthenticationFailed,
        Some(_) | None => DeclineReason::Refused,
    }
}
