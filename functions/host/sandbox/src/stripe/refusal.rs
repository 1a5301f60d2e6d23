//! Answers that say no, in Stripe's error shape, and the faults that keep the sandbox from answering at all.
//!
//! Shape: <https://docs.stripe.com/api/errors>.

use serde_json::{Value, json};

use crate::faults::Limit;
use crate::storage::StorageFault;

/// A request the API says no to. Nothing was done.
#[derive(Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) kind: &'static str,
    pub(crate) code: Option<&'static str>,
    pub(crate) message: String,
    pub(crate) param: Option<String>,
    /// The payment intent whose state forbids what was asked.
    pub(crate) payment_intent: Option<Box<Value>>,
    /// Sent as `Stripe-Rate-Limited-Reason`.
    pub(crate) limited_by: Option<&'static str>,
    /// Refused for the state of things and not for the request alone: such an answer is stored under the key.
    pub(crate) begun: bool,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code: None,
            message: message.into(),
            param: None,
            payment_intent: None,
            limited_by: None,
            begun: false,
        }
    }

    fn with(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// A request that is wrong as a whole.
    pub(crate) fn request(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// One parameter is wrong, for a reason Stripe has a code for.
    pub(crate) fn coded(param: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::param(param, message).with(code)
    }

    /// One parameter is wrong.
    pub(crate) fn param(param: &str, message: impl Into<String>) -> Self {
        Self { param: Some(param.to_owned()), ..Self::request(message) }
    }

    /// A parameter that this API version does not know.
    pub(crate) fn unknown(param: &str) -> Self {
        Self::coded(param, "parameter_unknown", format!("Received unknown parameter: {param}"))
    }

    /// A parameter that Stripe knows and the sandbox does not do. It is refused rather than ignored.
    pub(crate) fn unsupported(param: &str) -> Self {
        Self::param(param, format!("The sandbox does not do {param}"))
    }

    /// A parameter that must be given.
    pub(crate) fn missing(param: &str) -> Self {
        Self::coded(param, "parameter_missing", format!("Missing required param: {param}."))
    }

    /// No object has this id. In a path it is a 404, in a parameter a 400.
    pub(crate) fn no_such(kind: &str, id: &str, param: &str, in_path: bool) -> Self {
        let kind = if kind == "balance_transaction" { "balance transaction" } else { kind };
        let refusal = Self::coded(param, "resource_missing", format!("No such {kind}: '{}'", shown(id)));
        Self { status: if in_path { 404 } else { 400 }, ..refusal }
    }

    /// The payment intent's state forbids it.
    pub(crate) fn state(message: impl Into<String>, payment_intent: Value) -> Self {
        let refusal = Self::request(message).with("payment_intent_unexpected_state");
        Self { payment_intent: Some(Box::new(payment_intent)), begun: true, ..refusal }
    }

    /// No key, or not the right one. The key is never repeated.
    pub(crate) fn unauthorised(message: &str) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// A path or method the API does not have.
    pub(crate) fn no_route(method: &str, path: &str) -> Self {
        Self::new(
            404,
            "invalid_request_error",
            format!("Unrecognized request URL ({method}: {}).", shown(path)),
        )
    }

    /// The key was first used with another request.
    pub(crate) fn other_parameters(key: &str) -> Self {
        let message = format!(
            "The idempotency key {} was first used with another path or other parameters; use a new key.",
            shown(key)
        );
        Self::new(400, "idempotency_error", message)
    }

    /// A request with the key is being worked on.
    pub(crate) fn key_in_use(key: &str) -> Self {
        let message =
            format!("A request with the idempotency key {} is in progress; try again later.", shown(key));
        Self::new(409, "idempotency_error", message).with("idempotency_key_in_use")
    }

    /// The rate limiter, which stands before everything else.
    pub(crate) fn rate_limited(limit: Limit) -> Self {
        let refuse = |message| Self::new(429, "invalid_request_error", message);
        if limit == Limit::LockTimeout {
            let message = "Another request holds the object; try again.";
            return refuse(message).with("lock_timeout");
        }
        let refusal = refuse("Too many requests; slow down.").with("rate_limit");
        Self { limited_by: Some(limit.name()), ..refusal }
    }

    /// Where the log of requests shows a request.
    pub(crate) fn log_url(base_url: &str, request_id: &str) -> String {
        format!("{base_url}/_sandbox/requests?request_id={request_id}")
    }

    /// The answer's body.
    pub(crate) fn body(&self, log_url: &str) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message, "request_log_url": log_url });
        if let Some(code) = self.code {
            error["code"] = json!(code);
            error["doc_url"] = json!(doc_url(code));
        }
        if let Some(param) = &self.param {
            error["param"] = json!(param);
        }
        if let Some(payment_intent) = &self.payment_intent {
            error["payment_intent"] = (**payment_intent).clone();
        }
        json!({ "error": error })
    }
}

/// The page that explains an error code.
pub(crate) fn doc_url(code: &str) -> String {
    format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))
}

/// The body of a 500.
pub(crate) fn server_error() -> Value {
    json!({ "error": { "type": "api_error", "message": "Something went wrong on the sandbox's side." } })
}

/// What came from outside, cut to a length that fits a message.
fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(100).collect()
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
