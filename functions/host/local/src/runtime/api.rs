//! The Runtime API as one process sees it. Whatever arrives on its listener comes from that process.

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use serde::Deserialize;
use tokio::net::TcpListener;

use super::pool::Pool;

/// Largest result of an invocation: 6 MB and a little, as Lambda has it
/// (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
const RESULT_BYTES_MAX: usize = 6_291_556;
/// Largest error report that is read.
const REPORT_BYTES_MAX: usize = 256 * 1024;

#[derive(Clone)]
struct Speaker {
    pool: Arc<Pool>,
    id: u64,
}

/// What a function says about an error.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorReport {
    error_type: String,
    #[serde(default)]
    error_message: String,
}

/// Serves one process until the task is aborted.
pub(super) async fn serve(listener: TcpListener, pool: Arc<Pool>, id: u64) {
    let api = Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{request_id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{request_id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .with_state(Speaker { pool, id });
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may be held back");
        }
    });
    if let Err(error) = axum::serve(listener, api).await {
        tracing::error!(%error, "the Runtime API of a process cannot be served");
    }
}

async fn next(State(Speaker { pool, id }): State<Speaker>) -> Response {
    let delivery = pool.poll(id).await;
    let headers = [
        ("lambda-runtime-aws-request-id", delivery.request_id),
        ("lambda-runtime-deadline-ms", delivery.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", pool.spec().arn()),
        ("lambda-runtime-trace-id", delivery.trace),
    ];
    let mut response = Response::new(Body::from(delivery.payload));
    for (name, value) in headers {
        let value = HeaderValue::from_str(&value).expect("ids, numbers and names are plain ASCII");
        response.headers_mut().insert(name, value);
    }
    response.headers_mut().insert("content-type", HeaderValue::from_static("application/json"));
    response
}

async fn response(
    State(Speaker { pool, id }): State<Speaker>,
    Path(request_id): Path<String>,
    body: Body,
) -> Response {
    let Ok(result) = to_bytes(body, RESULT_BYTES_MAX).await else {
        let kind = "Function.ResponseSizeTooLarge".to_owned();
        if !pool.complete(id, &request_id, Err(kind)) {
            return not_running();
        }
        let too_large = "Function.ResponseSizeTooLarge";
        return status(StatusCode::PAYLOAD_TOO_LARGE, too_large, "exceeded 6291556 bytes");
    };
    accepted(pool.complete(id, &request_id, Ok(result)))
}

async fn error(
    State(Speaker { pool, id }): State<Speaker>,
    Path(request_id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let report = report(&headers, body).await;
    accepted(pool.complete(id, &request_id, Err(report.error_type)))
}

async fn init_error(State(Speaker { pool, id }): State<Speaker>, headers: HeaderMap, body: Body) -> Response {
    let report = report(&headers, body).await;
    pool.init_failed(id, format!("{} {}", report.error_type, report.error_message));
    accepted(true)
}

/// Reads an error report; one that cannot be read is still an error.
async fn report(headers: &HeaderMap, body: Body) -> ErrorReport {
    let named = headers.get("lambda-runtime-function-error-type").and_then(|name| name.to_str().ok());
    let body = to_bytes(body, REPORT_BYTES_MAX).await.ok();
    let report = body.and_then(|body| serde_json::from_slice::<ErrorReport>(&body).ok());
    report.unwrap_or_else(|| ErrorReport {
        error_type: named.unwrap_or("Runtime.Unknown").to_owned(),
        error_message: String::new(),
    })
}

fn accepted(running: bool) -> Response {
    if running {
        return (StatusCode::ACCEPTED, axum::Json(serde_json::json!({ "status": "OK" }))).into_response();
    }
    not_running()
}

fn not_running() -> Response {
    status(StatusCode::BAD_REQUEST, "InvalidRequestID", "this process does not run that invocation")
}

fn status(code: StatusCode, kind: &str, message: &str) -> Response {
    (code, axum::Json(serde_json::json!({ "errorType": kind, "errorMessage": message }))).into_response()
}
