//! What all connectors do with outcomes.

use app::ports::Sign;
use domain::payment::PaymentOutcome;
use domain::takings::RefundOutcome;

use crate::http::Failure;
use crate::words::word;

/// What having no answer means.
pub(crate) fn of_failure(failure: &Failure) -> PaymentOutcome {
    match failure {
        Failure::NotSent { reason, .. } => PaymentOutcome::NotExecuted { reason },
        Failure::NoAnswer { reason, .. } => PaymentOutcome::Unknown { reason },
    }
}

/// What having no answer to a request for a refund means.
pub(crate) fn of_refund_failure(failure: &Failure) -> RefundOutcome {
    match failure {
        Failure::NotSent { reason, .. } => RefundOutcome::NotExecuted { reason },
        Failure::NoAnswer { reason, .. } => RefundOutcome::Unknown { reason },
    }
}

/// What having no answer shows of the provider. A request that our own side could not make shows nothing.
pub(crate) fn sign_of_failure(failure: &Failure) -> Sign {
    match failure {
        Failure::NotSent { source, .. } => match source.downcast_ref::<reqwest::Error>() {
            Some(error) if error.is_connect() => Sign::Failing,
            Some(_) | None => Sign::Nothing,
        },
        Failure::NoAnswer { .. } => Sign::Failing,
    }
}

/// Says what operations must know: a refused key or request is ours to mend, a doubtful answer is theirs to watch.
pub(crate) fn report(status: u16, request_id: &str, outcome: &PaymentOutcome) {
    if matches!(status, 401 | 403) {
        return report_refused_key(status, request_id);
    }
    match outcome {
        PaymentOutcome::Rejected { code } => {
            tracing::error!(status, request_id, code, "the provider rejects our request");
        }
        PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } => {
            tracing::warn!(status, request_id, reason, "the provider gave no certain answer");
        }
        PaymentOutcome::Captured { .. }
        | PaymentOutcome::ActionRequired { .. }
        | PaymentOutcome::Processing { .. }
        | PaymentOutcome::Declined { .. }
        | PaymentOutcome::Cancelled { .. } => {}
    }
}

/// The same of an answer to a request for a refund.
pub(crate) fn report_refund(status: u16, request_id: &str, outcome: &RefundOutcome) {
    if matches!(status, 401 | 403) {
        return report_refused_key(status, request_id);
    }
    match outcome {
        RefundOutcome::Rejected { code } => {
            tracing::error!(status, request_id, code = word(code), "the provider rejects our refund");
        }
        RefundOutcome::Unknown { reason } | RefundOutcome::NotExecuted { reason } => {
            tracing::warn!(status, request_id, reason, "no certain answer to a refund request");
        }
        RefundOutcome::Known(_) => {}
    }
}

/// Says that nothing works until somebody mends the key.
pub(crate) fn report_refused_key(status: u16, request_id: &str) {
    tracing::error!(
        alarm = "provider-key-refused",
        status,
        request_id,
        "the provider refuses our API key: no payment can be taken"
    );
}
