//! DynamoDB: dynoxide on a thread of its own, reached through the front door.
//!
//! Its dispatcher from JSON to an operation, with DynamoDB's own wording of every refusal, is part of its
//! server, so the server runs on a loopback port that nobody is told of. Each write's consumed capacity is
//! asked for on the way in and counted on the way out.

mod capacity;
mod tables;

pub use tables::create_table_request;

use std::{
    net::{Ipv4Addr, TcpListener},
    path::Path,
    thread,
};

use bytes::Bytes;
use contracts::topology::Topology;
use dynoxide::Database;
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde::Deserialize;
use tokio::sync::oneshot;

use crate::{
    calls::Calls,
    error::StartError,
    folder::Lock,
    front::{Incall, Outcome},
    reply::{Failure, Protocol, Reply},
};

/// The DynamoDB endpoint.
pub(crate) struct DynamoDb {
    client: Client<HttpConnector, Full<Bytes>>,
    uri: Uri,
}

/// The thread that holds the tables.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    pub(crate) thread: thread::JoinHandle<()>,
}

impl Running {
    /// Tells the thread to end.
    pub(crate) fn stop(self) -> thread::JoinHandle<()> {
        if self.stop.send(()).is_err() {
            tracing::debug!("DynamoDB had ended already");
        }
        self.thread
    }
}

impl DynamoDb {
    /// Opens the file, makes the topology's tables where they are missing, and starts the thread, which holds
    /// the folder's lock until its last write.
    pub(crate) fn start(path: &Path, topology: &Topology, lock: Lock) -> Result<(Self, Running), StartError> {
        let database = tables::open(path, topology)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(StartError::Listen)?;
        listener.set_nonblocking(true).map_err(StartError::Listen)?;
        let address = listener.local_addr().map_err(StartError::Listen)?;
        let (stop, stopped) = oneshot::channel();
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(StartError::Thread)?;
        let run = move || {
            if let Err(error) = runtime.block_on(serve(listener, database, stopped)) {
                tracing::error!(error, "DynamoDB ended");
            }
            drop(lock);
        };
        let thread =
            thread::Builder::new().name("dynamodb".to_owned()).spawn(run).map_err(StartError::Thread)?;
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let uri = Uri::try_from(format!("http://{address}/")).expect("an address and port make a URI");
        Ok((Self { client, uri }, Running { stop, thread }))
    }

    pub(crate) async fn serve(&self, operation: &str, call: &Incall, calls: &Calls) -> Outcome {
        let asked = capacity::ask(operation, &call.body);
        let body = asked.clone().unwrap_or_else(|| call.body.clone());
        let reply = match self.forward(call, body).await {
            Ok(reply) if reply.status() == StatusCode::BAD_REQUEST => named(reply, operation).await,
            Ok(reply) => reply,
            Err(why) => {
                let failure = Failure::sender("com.amazonaws.dynamodb.v20120810#InternalServerError", why);
                failure.with_status(StatusCode::INTERNAL_SERVER_ERROR).reply(Protocol::Json10)
            }
        };
        let reply = capacity::count(reply, asked.is_some(), |table, units| {
            calls.write_units(&call.function, table, units);
        })
        .await;
        Outcome { reply, actions: capacity::actions(operation, &call.body) }
    }

    async fn forward(&self, call: &Incall, body: Bytes) -> Result<Reply, String> {
        let mut request = Request::post(self.uri.clone());
        for (name, value) in &call.headers {
            let own = [header::HOST, header::CONNECTION, header::CONTENT_LENGTH, header::TRANSFER_ENCODING];
            if !own.contains(name) {
                request = request.header(name, value);
            }
        }
        let request = request.body(Full::new(body)).map_err(|error| error.to_string())?;
        let answer = self.client.request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|error| error.to_string())?.to_bytes();
        Ok(Reply::from_parts(head, Full::new(body)))
    }
}

/// The refusal of an operation that is not here, with the name that DynamoDB leaves out; any other reply as
/// it is.
async fn named(reply: Reply, operation: &str) -> Reply {
    #[derive(Deserialize)]
    struct Refused {
        #[serde(rename = "__type")]
        code: String,
    }
    let (head, body) = reply.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(never) => match never {},
    };
    match serde_json::from_slice::<Refused>(&body) {
        Ok(refused) if refused.code.ends_with("UnknownOperationException") => {
            let operation: String = operation.chars().take(80).collect();
            let message =
                format!("dynamodb {operation} is not here: this local endpoint's tables do not have it.");
            Failure::sender(refused.code, message).reply(Protocol::Json10)
        }
        _ => Reply::from_parts(head, Full::new(body)),
    }
}

async fn serve(
    listener: TcpListener,
    database: Database,
    stopped: oneshot::Receiver<()>,
) -> Result<(), String> {
    let listener = tokio::net::TcpListener::from_std(listener).map_err(|error| error.to_string())?;
    let stop = async {
        if stopped.await.is_err() {
            tracing::debug!("the endpoints were dropped without being stopped");
        }
    };
    dynoxide::server::serve_with_shutdown(listener, database, stop).await
}
