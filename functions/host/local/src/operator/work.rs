//! The reconciler by hand, and the closing of items of the work-list.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use contracts::stored::{WORK_OPEN, WorkItem};
use domain::ids::{Note, Operator};
use serde_json::{Value, json};

use super::RECONCILER;
use super::failure::OperatorError;
use super::stored;
use super::view::CloseWorkRequest;
use crate::stack::Stack;

pub(super) async fn reconcile(State(stack): State<Arc<Stack>>) -> Result<Json<Value>, OperatorError> {
    let pool = stack.pools.get(RECONCILER);
    let pool = pool.ok_or_else(|| OperatorError::NotFound(format!("the topology has no {RECONCILER}")))?;
    let answer = pool.invoke("{}".into()).await?;
    let answer = serde_json::from_slice(&answer);
    answer.map(Json).map_err(|error| OperatorError::unavailable("the reconciler's answer")(&error))
}

pub(super) async fn close(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<CloseWorkRequest>,
) -> Result<Json<WorkItem>, OperatorError> {
    let refused = |field: &str, rule: String| OperatorError::Refused(format!("{field}: {rule}"));
    let by = Operator::parse(&request.by).map_err(|rule| refused("by", rule.to_string()))?;
    let note = Note::parse(&request.note).map_err(|rule| refused("note", rule.to_string()))?;
    let at = stack.clock.now_ms();
    let update = json!({
        "TableName": stack.records.tables.work,
        "Key": { "id": { "S": request.id } },
        "ConditionExpression": "#open = :open",
        "UpdateExpression": "REMOVE #open SET closed_by = :by, closed_at = :at, note = :note",
        "ExpressionAttributeNames": { "#open": "open" },
        "ExpressionAttributeValues": {
            ":open": { "S": WORK_OPEN },
            ":by": { "S": by.as_str() },
            ":at": { "N": at.to_string() },
            ":note": { "S": note.as_str() },
        },
        "ReturnValues": "ALL_NEW",
    });
    stored::update(&stack.records, &update).await?.map(Json).ok_or_else(|| {
        OperatorError::NotFound(format!("there is no open item {} on the work-list", request.id))
    })
}
