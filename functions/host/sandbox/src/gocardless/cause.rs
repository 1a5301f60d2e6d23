//! Why something happened, as the `details` of an event say it.
//!
//! Actions, causes and codes: <https://developer.gocardless.com/api-reference/#event-types>.

use serde_json::{Value, json};

/// The only scheme of the sandbox.
pub(crate) const SCHEME: &str = "bacs";

/// What a bank says about a payment, in a report of unpaid debits (ARUDD) or an indemnity claim (DDICA).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BankReason {
    pub(crate) code: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) description: &'static str,
}

const fn reason(code: &'static str, cause: &'static str, description: &'static str) -> BankReason {
    BankReason { code, cause, description }
}

/// Why a bank returns a payment unpaid. The first is the usual one: there is no money in the account.
pub(crate) const UNPAID: [BankReason; 9] = [
    reason("ARUDD-0", "refer_to_payer", "The bank could not pay, most often for lack of funds."),
    reason("ARUDD-1", "mandate_cancelled", "The mandate was cancelled at the bank before collection."),
    reason("ARUDD-2", "bank_account_closed", "The account holder is deceased."),
    reason("ARUDD-3", "bank_account_transferred", "The mandate was transferred to another account."),
    reason("ARUDD-4", "authorisation_disputed", "The account holder disputes having had notice."),
    reason("ARUDD-5", "invalid_bank_details", "The account number is not valid."),
    reason("ARUDD-6", "other", "The bank knows of no mandate for this payment."),
    reason("ARUDD-7", "authorisation_disputed", "The amount is not the one that was notified."),
    reason("ARUDD-B", "bank_account_closed", "The account was closed before collection."),
];

/// Why a bank takes a payment back under the Direct Debit Guarantee.
pub(crate) const CLAIMED: [BankReason; 4] = [
    reason("DDICA-5", "authorisation_disputed", "The account holder disputes having signed a mandate."),
    reason("DDICA-1", "authorisation_disputed", "The amount or date is not the one that was notified."),
    reason("DDICA-2", "authorisation_disputed", "The account holder disputes having had notice."),
    reason("DDICA-4", "authorisation_disputed", "The mandate was cancelled before collection."),
];

impl BankReason {
    /// The reason of that code in one of the two reports.
    pub(crate) fn of_code(report: &'static [Self], code: &str) -> Option<&'static Self> {
        report.iter().find(|reason| reason.code == code)
    }

    /// The details of an event that this caused.
    pub(crate) fn details(&self) -> Value {
        json!({
            "origin": "bank",
            "cause": self.cause,
            "description": self.description,
            "scheme": SCHEME,
            "reason_code": self.code,
        })
    }

    /// As [`BankReason::details`], of a payment that was not collected: it will not be tried again.
    pub(crate) fn failure_details(&self) -> Value {
        let mut details = self.details();
        details["will_attempt_retry"] = json!(false);
        details
    }
}

/// The details of an event that no bank has caused.
pub(crate) fn details(origin: &str, cause: &str, description: &str) -> Value {
    json!({ "origin": origin, "cause": cause, "description": description })
}
