//! Answers that say no, in GoCardless's error shape.
//!
//! Shape and reasons: <https://developer.gocardless.com/api-reference/#api-usage-errors>.

use serde_json::{Value, json};

use crate::storage::StorageFault;

/// The page that explains an error.
const DOCUMENTATION: &str = "https://developer.gocardless.com/api-reference#";

/// The body of a refusal is wrong, with one error for each field.
const VALIDATION_FAILED: &str = "validation_failed";

/// A request the API says no to. Nothing was done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    kind: &'static str,
    /// Where on its page the documentation explains it.
    anchor: &'static str,
    message: String,
    errors: Vec<Value>,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, reason: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let errors = vec![json!({ "reason": reason, "message": message })];
        Self { status, kind, anchor: reason, message, errors }
    }

    /// The request itself is wrong: who asks, what for, or how.
    pub(crate) fn usage(status: u16, reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(status, "invalid_api_usage", reason, message)
    }

    /// The state of things forbids it.
    pub(crate) fn state(reason: &'static str, message: impl Into<String>) -> Self {
        Self::new(422, "invalid_state", reason, message)
    }

    /// The state of things forbids it; the links say what to use instead.
    pub(crate) fn state_with(reason: &'static str, message: &str, links: &Value) -> Self {
        let mut refusal = Self::state(reason, message);
        refusal.errors[0]["links"] = links.clone();
        refusal
    }

    /// Fields of the body are wrong; each of `errors` names one.
    pub(crate) fn validation(errors: Vec<Value>) -> Self {
        Self {
            status: 422,
            kind: VALIDATION_FAILED,
            anchor: VALIDATION_FAILED,
            message: "Validation failed".to_owned(),
            errors,
        }
    }

    /// Another request has created this resource with the same key.
    pub(crate) fn conflict(resource: &str) -> Self {
        let message = "A resource has already been created with this idempotency key";
        let links = json!({ "conflicting_resource_id": resource });
        Self { status: 409, ..Self::state_with("idempotent_creation_conflict", message, &links) }
    }

    /// The API has no such path.
    pub(crate) fn no_path() -> Self {
        Self::usage(404, "path_not_found", "The path requested was not found")
    }

    /// There is no such resource.
    pub(crate) fn no_resource() -> Self {
        Self::usage(404, "resource_not_found", "Resource not found")
    }

    /// A filter of a list is wrong, or one that the sandbox does not do.
    pub(crate) fn filter(name: &str, message: &str) -> Self {
        Self::usage(400, "invalid_filters", format!("{name}: {message}"))
    }

    /// The rate limiter, which stands before everything else.
    pub(crate) fn rate_limited() -> Self {
        Self::usage(429, "rate_limit_exceeded", "Rate limit exceeded")
    }

    /// The answer's body.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        json!({ "error": {
            "type": self.kind,
            "code": self.status,
            "message": self.message,
            "errors": self.errors,
            "request_id": request_id,
            "documentation_url": format!("{DOCUMENTATION}{}", self.anchor),
        } })
    }
}

/// The body of a 500.
pub(crate) fn server_error(request_id: &str) -> Value {
    let message = "An internal error occurred while processing your request";
    json!({ "error": {
        "type": "gocardless",
        "code": 500,
        "message": message,
        "errors": [{ "reason": "internal_server_error", "message": message }],
        "request_id": request_id,
        "documentation_url": format!("{DOCUMENTATION}internal_server_error"),
    } })
}

/// Why an operation stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    Refused(Refusal),
    Failed(StorageFault),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<StorageFault> for Stop {
    fn from(fault: StorageFault) -> Self {
        Self::Failed(fault)
    }
}
