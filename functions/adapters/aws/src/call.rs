//! What can go wrong with a call, and whether trying again may help.

use std::error::Error;
use std::fmt;

use app::ports::Fault;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

/// AWS's error codes after which the same call may succeed, though their HTTP status is below 500 and they do not speak
/// of throttling: quotas of a moment, races that one writer wins, and what a fresh environment or a corrected clock
/// mends. (DynamoDB developer guide, "Error handling"; the services' API references, "Common Errors".)
const TRANSIENT_CODES: [&str; 15] = [
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "ProvisionedThroughputExceededException",
    "ProvisionedThroughputExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "TransactionConflictException",
    "TransactionConflict",
    "TransactionInProgressException",
    "PriorRequestNotComplete",
    "RequestTimeTooSkewed",
    "ExpiredToken",
    "ExpiredTokenException",
    TIMED_OUT_CODES[0],
    TIMED_OUT_CODES[1],
];

/// Codes that say of a request that it took too long: whether it had its effect is open.
const TIMED_OUT_CODES: [&str; 2] = ["RequestTimeout", "RequestTimeoutException"];

/// The operation and what it works on: `dynamodb:PutItem on table donations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    operation: &'static str,
    resource: String,
}

impl Call {
    pub(crate) fn new(operation: &'static str, kind: &str, name: &str) -> Self {
        Self { operation, resource: format!("{kind} {name}") }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.operation, self.resource)
    }
}

/// Why a call did not succeed. Holds nothing of what was sent or stored.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The request could not be built or signed; nothing was sent.
    #[error("{call}: the request could not be built")]
    NotBuilt {
        /// The call.
        call: Call,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// No connection could be had; nothing was sent.
    #[error("{call}: there is no connection")]
    NotConnected {
        /// The call.
        call: Call,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The connection broke, or the time was up; the call may have had its effect.
    #[error("{call}: no answer")]
    NoAnswer {
        /// The call.
        call: Call,
        /// Why.
        source: Box<dyn Error + Send + Sync>,
    },
    /// Something answered that is not the service; the call may have had its effect.
    #[error("{call}: the answer (HTTP {status}) is not readable")]
    Unreadable {
        /// The call.
        call: Call,
        /// HTTP status.
        status: u16,
    },
    /// The service answered with an error.
    #[error("{call}: answered {code} (HTTP {status}, request {request})")]
    Refused {
        /// The call.
        call: Call,
        /// AWS's error code.
        code: String,
        /// HTTP status.
        status: u16,
        /// AWS's id of the request, or a dash.
        request: String,
    },
    /// The service answered with success and left out what it has to say.
    #[error("{call}: the answer lacks {what}")]
    Incomplete {
        /// The call.
        call: Call,
        /// What is missing.
        what: &'static str,
    },
}

impl CallError {
    /// Reads what the SDK says. The SDK's own error is let go where it carries the response, since the response may
    /// carry an item.
    pub(crate) fn of<E>(call: Call, error: SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + Send + Sync + 'static,
    {
        let status = error.raw_response().map_or(0, |response| response.status().as_u16());
        let request = error.request_id().unwrap_or("-").to_owned();
        match &error {
            // The SDK speaks of an error of the service also where it cannot read a success.
            SdkError::ServiceError(_) if (200..300).contains(&status) => Self::Unreadable { call, status },
            SdkError::ServiceError(refusal) => {
                let code = refusal.err().code().unwrap_or("an error without a code").to_owned();
                Self::Refused { call, code, status, request }
            }
            SdkError::ResponseError(_) => Self::Unreadable { call, status },
            SdkError::ConstructionFailure(_) => Self::NotBuilt { call, source: source_of(error) },
            SdkError::DispatchFailure(failure) if failure.is_user() => {
                Self::NotBuilt { call, source: source_of(error) }
            }
            SdkError::DispatchFailure(_) if never_connected(&error) => {
                Self::NotConnected { call, source: source_of(error) }
            }
            _ => Self::NoAnswer { call, source: source_of(error) },
        }
    }

    /// AWS's error code, where the service answered with one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Refused { code, .. } => Some(code),
            _ => None,
        }
    }

    /// Whether the call has certainly had no effect: nothing was sent, or the service said no. An error of the
    /// service's own (5xx) proves nothing, nor does a request that it calls timed out.
    pub(crate) fn certainly_without_effect(&self) -> bool {
        match self {
            Self::NotBuilt { .. } | Self::NotConnected { .. } => true,
            Self::Refused { code, status, .. } => {
                (400..500).contains(status) && *status != 408 && !TIMED_OUT_CODES.contains(&code.as_str())
            }
            Self::NoAnswer { .. } | Self::Unreadable { .. } | Self::Incomplete { .. } => false,
        }
    }

    /// The fault that this is to whoever was `doing` something.
    pub(crate) fn into_fault(self, doing: &'static str) -> Fault {
        if self.may_pass() { Fault::transient(doing, self) } else { Fault::permanent(doing, self) }
    }

    fn may_pass(&self) -> bool {
        match self {
            Self::NotBuilt { .. } | Self::Incomplete { .. } => false,
            Self::NotConnected { .. } | Self::NoAnswer { .. } | Self::Unreadable { .. } => true,
            Self::Refused { code, status, .. } => {
                *status >= 500 || matches!(status, 408 | 409 | 429) || is_transient(code)
            }
        }
    }
}

/// Whether an error code says "not now".
pub(crate) fn is_transient(code: &str) -> bool {
    code.contains("Throttl") || TRANSIENT_CODES.contains(&code)
}

fn source_of<E>(error: SdkError<E, HttpResponse>) -> Box<dyn Error + Send + Sync>
where
    E: Error + Send + Sync + 'static,
{
    error.into_source().unwrap_or_else(|error| error.to_string().into())
}

/// Whether the HTTP client says that it never had a connection.
fn never_connected(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return error.is_connect();
        }
        next = error.source();
    }
    false
}
