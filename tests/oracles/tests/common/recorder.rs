//! A server on loopback that answers what it is told and keeps every request as it came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Most bytes of a request that are read.
const BODY_MAX: usize = 1024 * 1024;

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    /// By name in lower case; several of one name in the order in which they came.
    pub(crate) headers: BTreeMap<String, Vec<String>>,
    pub(crate) body: Vec<u8>,
}

impl Recorded {
    /// The one value of a header; none where it is missing.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let values = self.headers.get(name)?;
        assert_eq!(values.len(), 1, "{name} is sent more than once");
        Some(&values[0])
    }

    /// The parameters, decoded, in the order of their names: those of the query or those of the body.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        let bytes = if self.method == "GET" { self.query.as_bytes() } else { &self.body };
        let mut pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes).unwrap();
        pairs.sort();
        pairs
    }
}

/// The server; it stops when it is dropped.
pub(crate) struct Recorder {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Recorded>>>,
    came: Arc<Notify>,
    task: JoinHandle<std::io::Result<()>>,
}

impl Recorder {
    /// Answers the first request with the first of these, and so on; the last one again to all that follow.
    pub(crate) async fn answering(answers: Vec<(u16, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (requests, came) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let (kept, noted) = (Arc::clone(&requests), Arc::clone(&came));
        let router = Router::new().fallback(async move |request: Request| {
            let recorded = record(request).await;
            let place = {
                let mut kept = kept.lock().unwrap();
                kept.push(recorded);
                kept.len() - 1
            };
            noted.notify_one();
            let (status, body) = answers[place.min(answers.len() - 1)].clone();
            (StatusCode::from_u16(status).unwrap(), [("content-type", "application/json")], body)
        });
        let task = tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, requests, came, task }
    }

    /// Every request so far, and forgets them.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut self.requests.lock().unwrap())
    }

    /// Waits until there are this many requests. Whoever calls bounds the time.
    pub(crate) async fn wait_for(&self, count: usize) {
        while self.requests.lock().unwrap().len() < count {
            self.came.notified().await;
        }
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn record(request: Request) -> Recorded {
    let (head, body) = request.into_parts();
    let mut headers = BTreeMap::<String, Vec<String>>::new();
    for (name, value) in &head.headers {
        headers.entry(name.to_string()).or_default().push(value.to_str().unwrap().to_owned());
    }
    Recorded {
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers,
        body: to_bytes(body, BODY_MAX).await.unwrap().to_vec(),
    }
}
