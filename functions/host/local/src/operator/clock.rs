//! The clock: shown, and moved forward.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use contracts::time::to_rfc3339;
use domain::time::Timestamp;
use serde::{Deserialize, Serialize};

use super::failure::OperatorError;
use crate::clock::ClockError;
use crate::stack::Stack;

/// Asks for the clock to be moved forward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdvanceRequest {
    /// By how many seconds.
    pub advance_seconds: u64,
}

/// The clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockView {
    /// Now, in RFC 3339.
    pub now: String,
    /// Now, in milliseconds since the epoch.
    pub now_ms: u64,
    /// Seconds ahead of the machine's clock.
    pub offset_seconds: u64,
}

impl ClockView {
    fn of(stack: &Stack) -> Self {
        let now_ms = stack.clock.now_ms();
        Self {
            now: to_rfc3339(Timestamp::from_millis(now_ms)),
            now_ms,
            offset_seconds: stack.clock.offset_seconds(),
        }
    }
}

pub(super) async fn show(State(stack): State<Arc<Stack>>) -> Json<ClockView> {
    Json(ClockView::of(&stack))
}

pub(super) async fn advance(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<AdvanceRequest>,
) -> Result<Json<ClockView>, OperatorError> {
    // A caller who hangs up must not leave the functions held.
    let moving = Arc::clone(&stack);
    let moved = tokio::spawn(async move { moving.advance_clock(request.advance_seconds).await });
    let unavailable = OperatorError::unavailable("the clock");
    match moved.await {
        Ok(Ok(_)) => Ok(Json(ClockView::of(&stack))),
        Ok(Err(refused @ ClockError::OutOfRange)) => Err(OperatorError::Refused(refused.to_string())),
        Ok(Err(error)) => Err(unavailable(&error)),
        Err(error) => Err(unavailable(&error)),
    }
}
