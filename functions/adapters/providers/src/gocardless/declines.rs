use domain::payment::DeclineReason;

/// Why the bank refused a payment, from the `cause` of its event. A payment itself does not say.
///
/// Every cause that is not listed is a refusal, which is true of each failure. Source: event actions of payments,
/// `developer.gocardless.com/api-reference`.
pub(super) fn reason(cause: Option<&str>) -> DeclineReason {
    match cause {
        Some("refer_to_payer" | "insufficient_funds" | "daily_payment_limit_reached") => {
            DeclineReason::InsufficientFunds
        }
        Some(
            "bank_account_closed"
            | "bank_account_transferred"
            | "invalid_bank_details"
            | "direct_debit_not_enabled",
        ) => DeclineReason::CardDetails,
        Some("mandate_cancelled" | "mandate_expired" | "mandate_suspended_by_payer") => {
            DeclineReason::UnusableToken
        }
        Some(_) | None => DeclineReason::Refused,
    }
}
