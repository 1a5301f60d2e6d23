//! How an operator's endpoint says that it has no answer.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::view::Failure;
use crate::runtime::InvokeError;

/// Why there is no answer. The texts are for the operator.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OperatorError {
    /// What was asked for is not there, or not allowed.
    #[error("{0}")]
    Refused(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// A part of the stack could not answer.
    #[error("{what} cannot be read: {why}")]
    Unavailable {
        /// Which part.
        what: &'static str,
        /// What it said.
        why: String,
    },
    /// A function could not be invoked or failed.
    #[error("{0}")]
    Invoke(#[from] InvokeError),
}

impl OperatorError {
    /// A part of the stack that failed to answer.
    pub(crate) fn unavailable(what: &'static str) -> impl Fn(&dyn std::fmt::Display) -> Self {
        move |why| Self::Unavailable { what, why: why.to_string() }
    }
}

impl IntoResponse for OperatorError {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Unavailable { .. } | Self::Invoke(_) => StatusCode::BAD_GATEWAY,
        };
        (status, axum::Json(Failure { message: self.to_string() })).into_response()
    }
}

/// For paths under `/_local/` that are none.
pub(crate) async fn no_such_endpoint() -> OperatorError {
    OperatorError::NotFound("there is no such operator's endpoint; / lists them".to_owned())
}
