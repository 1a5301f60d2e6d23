//! Functions, queues, counts and disorder.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde_json::{Value, json};

use super::failure::OperatorError;
use super::parked;
use super::view::{Health, QueueView, RedriveRequest, Redriven};
use crate::runtime::Report;
use crate::stack::Stack;
use crate::stack::chaos::{ChaosReport, ChaosRequest};

type Answer<T> = Result<Json<T>, OperatorError>;

pub(super) async fn health(State(stack): State<Arc<Stack>>) -> Json<Health> {
    Json(Health {
        status: "ready".to_owned(),
        public_url: stack.public_url.clone(),
        provider_url: stack.records.provider.url.clone(),
        provider_is_sandbox: stack.records.provider.is_sandbox,
    })
}

pub(super) async fn functions(State(stack): State<Arc<Stack>>) -> Json<Vec<Report>> {
    Json(stack.pools.values().map(|pool| pool.report()).collect())
}

/// The queues with their dead letters, in order of name.
pub(super) fn queue_views(stack: &Stack) -> Vec<QueueView> {
    let depths = stack.aws.queues().depths();
    let depth_of = |name: &str| depths.iter().find(|depth| depth.queue == name).map(|depth| depth.depth);
    let views = stack.topology.queues.keys().map(|queue| {
        let depth = depth_of(queue).unwrap_or_default();
        let dead = depth_of(&aws_local::dead_letters_of(queue)).unwrap_or_default();
        QueueView {
            queue: queue.clone(),
            visible: depth.visible,
            in_flight: depth.in_flight,
            delayed: depth.delayed,
            oldest_age_ms: depth.oldest_age_ms,
            dead_letters: dead.visible + dead.in_flight + dead.delayed,
        }
    });
    views.collect()
}

pub(super) async fn queues(State(stack): State<Arc<Stack>>) -> Json<Vec<QueueView>> {
    Json(queue_views(&stack))
}

pub(super) async fn redrive(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<RedriveRequest>,
) -> Answer<Redriven> {
    let moved = parked::redrive(&stack, &request.queue).await?;
    Ok(Json(Redriven { moved }))
}

pub(super) async fn chaos(State(stack): State<Arc<Stack>>) -> Json<ChaosReport> {
    Json(stack.chaos.report())
}

pub(super) async fn begin_chaos(
    State(stack): State<Arc<Stack>>,
    Json(request): Json<ChaosRequest>,
) -> Answer<ChaosReport> {
    stack.chaos.begin(request, &stack.pools).map_err(|error| OperatorError::Refused(error.to_string()))?;
    Ok(Json(stack.chaos.report()))
}

/// AWS calls, permissions used and write units consumed, by function.
pub(super) async fn counters(State(stack): State<Arc<Stack>>) -> Json<Value> {
    let counters = stack.aws.counters();
    let requests = counters.requests.iter().map(|row| {
        json!({
            "function": row.function, "operation": row.operation, "count": row.count, "failures": row.failures,
        })
    });
    let actions = counters.actions.iter().map(|row| {
        json!({ "function": row.function, "action": row.action, "resource": row.resource, "count": row.count })
    });
    let write_units = counters
        .write_units
        .iter()
        .map(|row| json!({ "function": row.function, "table": row.table, "units": row.units }));
    Json(json!({
        "requests": requests.collect::<Vec<_>>(),
        "actions": actions.collect::<Vec<_>>(),
        "write_units": write_units.collect::<Vec<_>>(),
    }))
}
