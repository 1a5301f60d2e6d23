//! Talks to a sandbox the way a connector for GoCardless does.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder, redirect};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};

pub(crate) const TOKEN: &str = "sandbox_example";

/// A mandate that is what mandates are.
pub(crate) const MANDATE: &str = "MD000ADAEXAMPLE";

/// A client of one sandbox.
#[derive(Clone)]
pub(crate) struct Api {
    pub(crate) url: String,
    http: Client,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub(crate) fn with(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The resource that a 201 shows.
    #[track_caller]
    pub(crate) fn created(&self, envelope: &str) -> Value {
        self.with(201)[envelope].clone()
    }

    /// The reason of a refusal with this status.
    #[track_caller]
    pub(crate) fn reason(&self, status: u16) -> String {
        let error = self.with(status)["error"].clone();
        assert_eq!(error["code"], status);
        error["errors"][0]["reason"].as_str().unwrap().to_owned()
    }
}

/// What the connector sends to take a donation.
pub(crate) fn payment(amount: i64, mandate: &str) -> Value {
    json!({ "payments": {
        "amount": amount,
        "currency": "GBP",
        "metadata": { "donation_id": "adaexampledonation" },
        "links": { "mandate": mandate },
    } })
}

impl Api {
    pub(crate) fn new(url: &str) -> Self {
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth();
        let http = Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(Duration::from_secs(30))
            .build()
            .unwrap();
        Self { url: url.to_owned(), http }
    }

    /// A request without the headers that every request must have.
    pub(crate) fn bare(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.bare(method, path).bearer_auth(TOKEN).header("gocardless-version", "2015-07-06")
    }

    /// A POST of JSON under a key.
    pub(crate) fn posting(&self, path: &str, key: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).header("idempotency-key", key).json(body)
    }

    pub(crate) async fn post(&self, path: &str, key: &str, body: &Value) -> Answer {
        send(self.posting(path, key, body)).await
    }

    pub(crate) fn paying(&self, key: &str, amount: i64, mandate: &str) -> RequestBuilder {
        self.posting("/payments", key, &payment(amount, mandate))
    }

    /// Creates a payment and returns its id.
    pub(crate) async fn pay(&self, key: &str, amount: i64, mandate: &str) -> String {
        let created = send(self.paying(key, amount, mandate)).await.created("payments");
        created["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// The payment as it is now.
    pub(crate) async fn payment(&self, id: &str) -> Value {
        self.get(&format!("/payments/{id}")).await.with(200)["payments"].clone()
    }

    /// The members of a list of at most five hundred, newest first.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let list = self.get(&format!("{path}{joint}limit=500")).await.with(200);
        assert_eq!(list["meta"]["cursors"]["after"], Value::Null);
        let name = path[1..].split('?').next().unwrap();
        list[name].as_array().unwrap().clone()
    }

    /// `resource_type.action` of every event, oldest first.
    pub(crate) async fn told(&self, filter: &str) -> Vec<String> {
        let mut events = self.list(&format!("/events?{filter}")).await;
        events.reverse();
        events.iter().map(kind).collect()
    }

    /// A control request.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Answer {
        send(self.bare(Method::POST, &format!("/_sandbox/{path}")).json(body)).await
    }

    /// Moves a payment to a state at once.
    pub(crate) async fn move_to(&self, id: &str, to: &str) -> Value {
        let moved = self.control(&format!("gocardless/payments/{id}"), &json!({ "to": to })).await;
        moved.with(200)["payments"].clone()
    }
}

/// An event's kind, such as `payments.confirmed`.
pub(crate) fn kind(event: &Value) -> String {
    format!("{}.{}", event["resource_type"].as_str().unwrap(), event["action"].as_str().unwrap())
}

/// Sends a request that is to be answered whole.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.unwrap().to_vec() }
}

/// Whether the peer reset the connection, rather than close it or not answer.
pub(crate) fn is_reset(error: &reqwest::Error) -> bool {
    let mut source: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = source {
        let io = error.downcast_ref::<std::io::Error>();
        if io.is_some_and(|io| io.kind() == std::io::ErrorKind::ConnectionReset) {
            return true;
        }
        source = error.source();
    }
    false
}
