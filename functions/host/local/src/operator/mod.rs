//! The operator's endpoints under `/_local/`, on the same port as the API, and the pages for people.
//!
//! They answer on the loopback interface only and only to requests that were addressed to it, so that a web page in
//! the operator's browser cannot reach them under a name of its own.
//!
//! Modules in reading order.

pub mod view;

pub mod clock;
pub(crate) mod failure;

mod state;

mod exports;
pub(crate) mod provider;
mod stored;
pub(crate) mod timeline;
mod work;

mod mail;
mod pages;
mod parked;

pub use pages::donate_line;

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRef, Request, State};
use axum::http::StatusCode;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;

use crate::records::Records;
use crate::stack::Stack;
use crate::triggers::http;

/// The function that reads the providers' balances.
pub(crate) const RECONCILER: &str = "reconcile-payments";

/// Largest body of an operator's request.
const BODY_BYTES_MAX: usize = 16 * 1024;

/// Serves the API and the operator's endpoints until `stop` is done, and then what is under way.
///
/// # Errors
/// The listener fails for good.
pub async fn serve(
    stack: Arc<Stack>,
    listener: TcpListener,
    stop: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "small packets may be held back");
        }
    });
    let router = router(stack).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, router).with_graceful_shutdown(stop).await
}

/// The endpoints that only read what is on record, wherever the pipeline runs.
pub(crate) fn of_records<S: Clone + Send + Sync + 'static>() -> Router<S>
where
    Records: FromRef<S>,
{
    Router::new()
        .route("/stored/donations", get(stored::donations))
        .route("/stored/entries", get(stored::entries))
        .route("/stored/owed", get(stored::owed))
        .route("/stored/work", get(stored::work))
        .route("/payments", get(provider::payments))
        .route("/refunds", get(provider::refunds))
        .route("/disputes", get(provider::disputes))
        .route("/movements", get(provider::movements))
        .route("/balance", get(provider::balance))
}

impl FromRef<Arc<Stack>> for Records {
    fn from_ref(stack: &Arc<Stack>) -> Self {
        stack.records.clone()
    }
}

fn router(stack: Arc<Stack>) -> Router {
    let local = of_records()
        .route("/health", get(state::health))
        .route("/functions", get(state::functions))
        .route("/counters", get(state::counters))
        .route("/queues", get(state::queues))
        .route("/redrive", post(state::redrive))
        .route("/chaos", get(state::chaos).post(state::begin_chaos))
        .route("/clock", get(clock::show).post(clock::advance))
        .route("/parked", get(parked::list))
        .route("/parked/audit", get(parked::audit))
        .route("/parked/replay", post(parked::replay))
        .route("/parked/{id}", get(parked::show))
        .route("/parked/{id}/edit", post(parked::edit))
        .route("/parked/{id}/discard", post(parked::discard))
        .route("/donations/{id}/timeline", get(timeline::timeline))
        .route("/mails", get(mail::list))
        .route("/mail", get(pages::mails))
        .route("/mail/{id}", get(mail::show))
        .route("/close-work", post(work::close))
        .route("/reconcile", post(work::reconcile))
        .route("/export", post(exports::export))
        .fallback(failure::no_such_endpoint)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(addressed_to_loopback));
    Router::new()
        .route("/", get(pages::index).layer(from_fn(addressed_to_loopback)))
        .nest("/_local", local)
        .fallback(api)
        .with_state(stack)
}

async fn api(
    State(stack): State<Arc<Stack>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request<Body>,
) -> Response {
    http::answer(&stack.routes, request, peer, stack.clock.now_ms()).await
}

pub(crate) async fn addressed_to_loopback(request: Request, next: Next) -> Response {
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    if ["127.0.0.1", "localhost", "[::1]"].contains(&name) {
        return next.run(request).await;
    }
    let why = "the operator's endpoints answer to 127.0.0.1 and localhost only";
    (StatusCode::MISDIRECTED_REQUEST, axum::Json(view::Failure { message: why.to_owned() })).into_response()
}
