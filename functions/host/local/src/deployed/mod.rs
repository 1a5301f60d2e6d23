//! The operator's reading endpoints over a pipeline that is deployed, for as long as a command looks at it.
//!
//! Everything is found from the environment's name: the live version of one function names the tables, the secrets and
//! the providers, and the queues are named after the stack. Nothing here changes anything, but that the reconciler may
//! be run at once.
//!
//! Modules in reading order.

mod found;
mod logs;
mod queues;

use std::time::Duration;

use axum::extract::{FromRef, Path, State};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use axum::{Json, Router};
use contracts::time::to_rfc3339;
use contracts::topology::Topology;
use domain::time::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::operator::clock::ClockView;
use crate::operator::failure::{OperatorError, no_such_endpoint};
use crate::operator::view::{Happening, Health, MailView, QueueView};
use crate::operator::{RECONCILER, addressed_to_loopback, of_records, timeline};
use crate::random;
use crate::records::Records;
use crate::signature::{Service, Signer};

pub use found::LookError;

/// The alias that all callers call.
const LIVE: &str = "live";

/// A deployed environment.
#[derive(Clone)]
struct Deployed {
    records: Records,
    stack_name: String,
    topology: Topology,
    public_url: String,
}

impl Deployed {
    /// The physical name of a function.
    fn function(&self, name: &str) -> String {
        format!("{}-{name}", self.stack_name)
    }
}

impl FromRef<Deployed> for Records {
    fn from_ref(deployed: &Deployed) -> Self {
        deployed.records.clone()
    }
}

/// A look at a deployed environment.
#[derive(Debug, Clone)]
pub struct Look {
    /// Base URL of the endpoints, on the loopback interface.
    pub url: String,
    /// Where donors reach the API.
    pub public_url: String,
    /// Signs requests for the API's routes that only IAM opens.
    pub signer: Signer,
}

/// Serves the endpoints that read on a port of the loopback interface until the process ends.
///
/// The environment is the one that was deployed with `-c env=NAME`; an empty name is the one deployed without. The
/// account is the one that the environment variables are signed in to.
///
/// # Errors
/// [`LookError`]: nobody is signed in, or there is no such environment there.
pub async fn serve(name: &str) -> Result<Look, LookError> {
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .no_proxy()
        .build()
        .map_err(|error| LookError::Here(error.to_string()))?;
    let deployed = found::find(name, http).await?;
    let here = |error: std::io::Error| LookError::Here(error.to_string());
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(here)?;
    let address = listener.local_addr().map_err(here)?;
    let signer = deployed.records.aws.signer().clone();
    let look = Look { url: format!("http://{address}"), public_url: deployed.public_url.clone(), signer };
    let endpoints = of_records()
        .route("/health", get(health))
        .route("/clock", get(clock))
        .route("/queues", get(queue_views))
        .route("/mails", get(mails))
        .route("/reconcile", post(reconcile))
        .route("/donations/{id}/timeline", get(timeline_of))
        .fallback(no_such_endpoint)
        .layer(from_fn(addressed_to_loopback))
        .with_state(deployed);
    tokio::spawn(async move {
        if let Err(error) = axum::serve(listener, Router::new().nest("/_local", endpoints)).await {
            tracing::error!(%error, "the endpoints have ended");
        }
    });
    Ok(look)
}

async fn health(State(deployed): State<Deployed>) -> Json<Health> {
    Json(Health {
        status: "ready".to_owned(),
        public_url: deployed.public_url.clone(),
        provider_url: deployed.records.provider.url.clone(),
        provider_is_sandbox: deployed.records.provider.is_sandbox,
    })
}

/// This machine's clock: AWS has no other.
async fn clock() -> Json<ClockView> {
    let now_ms = random::now_ms();
    Json(ClockView { now: to_rfc3339(Timestamp::from_millis(now_ms)), now_ms, offset_seconds: 0 })
}

async fn queue_views(State(deployed): State<Deployed>) -> Result<Json<Vec<QueueView>>, OperatorError> {
    queues::views(&deployed).await.map(Json)
}

/// SES keeps no list of what it sent.
async fn mails() -> Json<Option<Vec<MailView>>> {
    Json(None)
}

/// Runs the reconciler now, instead of on the hour.
async fn reconcile(State(deployed): State<Deployed>) -> Result<Json<Value>, OperatorError> {
    let path =
        format!("/2015-03-31/functions/{}/invocations?Qualifier={}", deployed.function(RECONCILER), LIVE);
    let answer = deployed.records.aws.post(Service::Lambda, &path, &json!({})).await;
    answer.map(Json).map_err(|error| OperatorError::unavailable("the reconciler's answer")(&error))
}

async fn timeline_of(
    State(deployed): State<Deployed>,
    Path(id): Path<String>,
) -> Result<Json<Vec<Happening>>, OperatorError> {
    let mut happenings = timeline::recorded(&deployed.records, &id).await?;
    happenings.extend(logs::lines(&deployed, &id).await?);
    Ok(timeline::in_sequence(happenings))
}
