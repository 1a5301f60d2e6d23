//! A webhook endpoint that answers as it is told and keeps what it was sent.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::client::kind;
use crate::fixtures::eventually;

/// One batch as it came.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
}

impl Delivered {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn events(&self) -> Vec<Value> {
        self.json()["events"].as_array().unwrap().clone()
    }

    pub(crate) fn webhook_id(&self) -> String {
        self.json()["meta"]["webhook_id"].as_str().unwrap().to_owned()
    }

    /// The signature that a secret gives, by GoCardless's rule.
    pub(crate) fn expected(&self, secret: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(&self.body);
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }
}

pub(crate) struct Receiver {
    pub(crate) url: String,
    delivered: Arc<Mutex<Vec<Delivered>>>,
    serving: JoinHandle<()>,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Receiver {
    /// Answers everything with 200.
    pub(crate) async fn start() -> Self {
        Self::answering(|_| 200).await
    }

    /// Answers the batch with this number, counted from 0.
    pub(crate) async fn answering(reply: impl Fn(usize) -> u16 + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhooks", listener.local_addr().unwrap());
        let delivered = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&delivered);
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(serve(stream, Arc::clone(&kept), reply.clone()));
            }
        });
        Self { url, delivered, serving }
    }

    pub(crate) fn delivered(&self) -> Vec<Delivered> {
        self.delivered.lock().unwrap().clone()
    }

    /// Every event that has come, batch by batch.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.delivered().iter().flat_map(Delivered::events).collect()
    }

    /// Waits until so many batches have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Delivered> {
        let what = format!("{count} batches");
        eventually(&what, async || Some(self.delivered()).filter(|delivered| delivered.len() >= count)).await
    }

    /// Waits until so many events have come.
    pub(crate) async fn wait_for_events(&self, count: usize) -> Vec<Value> {
        let what = format!("{count} events");
        eventually(&what, async || Some(self.events()).filter(|events| events.len() >= count)).await
    }

    /// Waits for an event of this kind, such as `payments.confirmed`.
    pub(crate) async fn wait_for_kind(&self, wanted: &str) -> Value {
        let find = async || self.events().into_iter().find(|event| kind(event) == wanted);
        eventually(wanted, find).await
    }
}

async fn serve(
    stream: TcpStream,
    kept: Arc<Mutex<Vec<Delivered>>>,
    reply: impl Fn(usize) -> u16 + Clone + Send + 'static,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (kept, reply) = (Arc::clone(&kept), reply.clone());
        async move {
            let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
            let (signature, content_type) = (header("webhook-signature"), header("content-type"));
            let body = request.into_body().collect().await.unwrap().to_bytes().to_vec();
            let number = {
                let mut kept = kept.lock().unwrap();
                kept.push(Delivered { signature, content_type, body });
                kept.len() - 1
            };
            let response = Response::builder().status(reply(number));
            Ok::<_, Infallible>(response.body(Full::new(Bytes::new())).unwrap())
        }
    });
    // A sender that hangs up is no failure of the endpoint.
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a delivery ended early");
    }
}
