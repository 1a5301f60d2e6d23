//! A webhook endpoint that answers as it is told and keeps what it was sent.

use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

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

use crate::fixtures::eventually;

/// How one delivery is answered.
#[derive(Clone, Copy)]
pub(crate) enum Reply {
    Status(u16),
    Silence,
}

/// One delivery.
#[derive(Clone, Debug)]
pub(crate) struct Delivered {
    pub(crate) signature: String,
    pub(crate) content_type: String,
    pub(crate) body: Vec<u8>,
    pub(crate) event: Value,
}

impl Delivered {
    pub(crate) fn kind(&self) -> &str {
        self.event["type"].as_str().unwrap()
    }

    pub(crate) fn id(&self) -> &str {
        self.event["id"].as_str().unwrap()
    }

    /// The `t` of the signature.
    pub(crate) fn signed_at(&self) -> i64 {
        let (time, _) = self.signature.strip_prefix("t=").unwrap().split_once(',').unwrap();
        time.parse().unwrap()
    }

    /// Every `v1` of the signature.
    pub(crate) fn signatures(&self) -> Vec<&str> {
        self.signature.split(',').filter_map(|part| part.strip_prefix("v1=")).collect()
    }

    /// The `v1` that a secret gives, by Stripe's rule.
    pub(crate) fn expected(&self, secret: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{}.", self.signed_at()).as_bytes());
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
        Self::answering(|_| Reply::Status(200)).await
    }

    /// Answers the delivery with this number, counted from 0.
    pub(crate) async fn answering(reply: impl Fn(usize) -> Reply + Clone + Send + 'static) -> Self {
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

    /// Waits until `count` deliveries have come.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Delivered> {
        let what = format!("{count} deliveries");
        eventually(&what, async || Some(self.delivered()).filter(|delivered| delivered.len() >= count)).await
    }

    /// Waits for a delivery of this type.
    pub(crate) async fn wait_for_kind(&self, kind: &str) -> Delivered {
        let find = async || self.delivered().into_iter().find(|delivered| delivered.kind() == kind);
        eventually(kind, find).await
    }

    /// What has come once nothing more does for a while.
    pub(crate) async fn in_the_end(&self) -> Vec<Delivered> {
        let mut before = usize::MAX;
        loop {
            let now = self.delivered();
            if now.len() == before {
                return now;
            }
            before = now.len();
            tokio::time::sleep(Duration::from_millis(700)).await;
        }
    }
}

async fn serve(
    stream: TcpStream,
    kept: Arc<Mutex<Vec<Delivered>>>,
    reply: impl Fn(usize) -> Reply + Clone + Send + 'static,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (kept, reply) = (Arc::clone(&kept), reply.clone());
        async move {
            let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
            let (signature, content_type) = (header("stripe-signature"), header("content-type"));
            let body = request.into_body().collect().await.unwrap().to_bytes().to_vec();
            let event = serde_json::from_slice(&body).unwrap();
            let number = {
                let mut kept = kept.lock().unwrap();
                kept.push(Delivered { signature, content_type, body, event });
                kept.len() - 1
            };
            let status = match reply(number) {
                Reply::Status(status) => status,
                Reply::Silence => std::future::pending().await,
            };
            Ok::<_, Infallible>(Response::builder().status(status).body(Full::new(Bytes::new())).unwrap())
        }
    });
    // A sender that hangs up is no failure of the endpoint.
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a delivery ended early");
    }
}
