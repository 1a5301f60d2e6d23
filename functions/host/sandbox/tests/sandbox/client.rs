//! Talks to a sandbox the way the connector does, and keeps what came back to the byte.

use std::sync::Arc;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, redirect};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;

pub(crate) const API_KEY: &str = "sk_test_example";

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

    pub(crate) fn replayed(&self) -> bool {
        self.header("idempotent-replayed") == Some("true")
    }

    /// The object of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// The error of an answer with this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self.json()["error"].clone()
    }
}

/// What the connector sends to take a donation.
pub(crate) fn form(amount: i64, token: &str) -> Vec<(&'static str, String)> {
    vec![
        ("amount", amount.to_string()),
        ("currency", "gbp".to_owned()),
        ("payment_method", token.to_owned()),
        ("confirm", "true".to_owned()),
        ("automatic_payment_methods[enabled]", "true".to_owned()),
        ("automatic_payment_methods[allow_redirects]", "never".to_owned()),
        ("return_url", "https://give.example.org/thanks".to_owned()),
        ("metadata[donation_id]", "adaexampledonation".to_owned()),
    ]
}

/// The id of an object.
#[track_caller]
pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// The types of these events whose name begins so.
pub(crate) fn kinds<'a>(events: &'a [Value], beginning: &str) -> Vec<&'a str> {
    let kinds = events.iter().map(|event| event["type"].as_str().unwrap());
    kinds.filter(|kind| kind.starts_with(beginning)).collect()
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

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.url)).bearer_auth(API_KEY)
    }

    /// A POST of the connector's form under a key.
    pub(crate) fn paying(&self, key: &str, amount: i64, token: &str) -> RequestBuilder {
        self.post("/v1/payment_intents").header("idempotency-key", key).form(&form(amount, token))
    }

    pub(crate) async fn pay(&self, key: &str, amount: i64, token: &str) -> Answer {
        send(self.paying(key, amount, token)).await
    }

    /// Posts a form without a key.
    pub(crate) async fn submit(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        send(self.post(path).form(form)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.http.get(format!("{}{path}", self.url)).bearer_auth(API_KEY)).await
    }

    /// A request without a key, as a donor's browser sends it.
    pub(crate) fn anonymous(&self) -> &Client {
        &self.http
    }

    /// The members of a list of at most a hundred.
    pub(crate) async fn list(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let list = self.get(&format!("{path}{joint}limit=100")).await.ok();
        assert_eq!(list["has_more"], false);
        list["data"].as_array().unwrap().clone()
    }

    /// Puts a fault rule in force.
    pub(crate) async fn rule(&self, rule: &Value) -> Answer {
        self.control("faults", rule).await
    }

    /// Asks for what only the sandbox has.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Answer {
        send(self.controlling(path, body)).await
    }

    pub(crate) fn controlling(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{}/_sandbox/{path}", self.url));
        request.header("content-type", "application/json").body(body.to_string())
    }

    /// The events so far, oldest first.
    pub(crate) async fn events(&self) -> Vec<Value> {
        let mut events = self.list("/v1/events").await;
        events.reverse();
        events
    }
}

/// Sends a request that is to be answered whole.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    whole(request.send().await.unwrap()).await
}

pub(crate) async fn whole(response: reqwest::Response) -> Answer {
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
