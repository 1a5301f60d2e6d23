//! HTTP requests as API Gateway's HTTP APIs hand them to a function, in payload format 2.0.
//!
//! Source: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html.

mod event;
mod iam;
mod response;
mod routes;

#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::time::timeout;

use serde_json::json;

use crate::random;
use crate::runtime::{InvokeError, Pool};

pub use routes::{RouteError, Routes};

/// Where a route leads.
#[derive(Debug)]
pub struct Endpoint {
    /// The function.
    pub pool: Arc<Pool>,
    /// Whether only a request that somebody signed comes through.
    pub is_for_operators: bool,
}

/// Most bytes of a request body
/// (docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html: 10 MB).
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Most bytes of the request line and the headers together; the same page: 10,240.
const HEADER_BYTES_MAX: usize = 10_240;
/// Most bytes of an event (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html: 6 MB).
const EVENT_BYTES_MAX: usize = 6_291_556;
/// How long API Gateway waits for an integration; the quotas page: 30 seconds.
const INTEGRATION_MAX: Duration = Duration::from_secs(30);

/// Answers one request, which arrived at `at_ms` (milliseconds since the epoch), through the function that its route
/// names.
pub async fn answer(
    routes: &Routes<Endpoint>,
    request: Request<Body>,
    peer: SocketAddr,
    at_ms: u64,
) -> Response {
    let request_id = random::hex::<8>();
    let arrival = event::Arrival { peer, request_id: &request_id, at_ms };
    let mut response = invoke(routes, request, &arrival).await;
    let id = request_id.parse().expect("hexadecimal digits are a header value");
    response.headers_mut().insert("apigw-requestid", id);
    response
}

async fn invoke(routes: &Routes<Endpoint>, request: Request<Body>, arrival: &event::Arrival<'_>) -> Response {
    let (parts, body) = request.into_parts();
    let Some(found) = routes.find(parts.method.as_str(), parts.uri.path()) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    if event::header_bytes(&parts) > HEADER_BYTES_MAX {
        return message(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "Request Header Fields Too Large");
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let caller = iam::caller(&parts, &body, arrival.at_ms);
    if found.target.is_for_operators && caller.is_none() {
        return message(StatusCode::FORBIDDEN, "Forbidden");
    }
    let mut event = event::build(&parts, &body, &found, arrival);
    if let Some(caller) = caller.filter(|_| found.target.is_for_operators) {
        event["requestContext"]["authorizer"] = json!({ "iam": { "userArn": caller } });
    }
    let event = event.to_string();
    if event.len() > EVENT_BYTES_MAX {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    }
    match timeout(INTEGRATION_MAX, found.target.pool.invoke(event.into())).await {
        Ok(Ok(result)) => response::map(&result).unwrap_or_else(|malformed| {
            tracing::error!(route = found.key, "the function's response is not usable: {malformed}");
            message(StatusCode::BAD_GATEWAY, "Internal Server Error")
        }),
        Ok(Err(error)) => failure(&error),
        Err(_) => message(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"),
    }
}

/// What the caller sees when there is no result. The statuses are those of the Lambda guide
/// (docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html) and of the knowledge centre's page on 5xx
/// errors; why it failed is nobody's business outside.
fn failure(error: &InvokeError) -> Response {
    match error {
        InvokeError::Throttled { .. } | InvokeError::Stopping { .. } => {
            message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable")
        }
        InvokeError::TimedOut { .. } => message(StatusCode::GATEWAY_TIMEOUT, "Endpoint request timed out"),
        InvokeError::Reported { .. } | InvokeError::Died { .. } | InvokeError::NotStarted { .. } => {
            message(StatusCode::BAD_GATEWAY, "Internal Server Error")
        }
    }
}

fn message(status: StatusCode, text: &str) -> Response {
    (status, axum::Json(json!({ "message": text }))).into_response()
}
