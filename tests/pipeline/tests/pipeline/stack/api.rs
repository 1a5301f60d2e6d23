//! The public API.

use std::time::Duration;

use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;

use super::{Offer, Stack};

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    /// The body as JSON; null where it is none.
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Checks that it is a problem of this kind about this field, said as RFC 9457 has it.
    pub(crate) fn assert_problem(&self, status: u16, kind: &str, field: Option<&str>) {
        let of_type = format!("https://outpour.example/problems/{kind}");
        assert_eq!((self.status, self.body["type"].as_str()), (status, Some(of_type.as_str())), "{self:?}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status, "{self:?}");
        assert_eq!(self.body["field"].as_str(), field, "{self:?}");
        assert!(self.body["title"].as_str().is_some_and(|title| !title.is_empty()), "{self:?}");
        assert!(self.body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{self:?}");
    }
}

/// A donation that was accepted.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) status_url: String,
}

impl Stack {
    /// The request that offers a donation.
    pub(crate) fn offering(&self, offer: &Offer) -> RequestBuilder {
        let request = self.http.post(format!("{}/donations", self.url));
        request.header("idempotency-key", &offer.key).json(&offer.body)
    }

    pub(crate) async fn offer(&self, offer: &Offer) -> Answer {
        send(self.offering(offer)).await
    }

    /// Offers a donation that has to be accepted.
    pub(crate) async fn accepted(&self, offer: &Offer) -> Accepted {
        let answer = self.offer(offer).await;
        assert_eq!(answer.status, 202, "{answer:?}\n{}", self.tail());
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Accepted { id: text("donation_id"), status_url: text("status_url") }
    }

    /// What the donor sees.
    pub(crate) async fn seen_by_donor(&self, accepted: &Accepted) -> Value {
        let answer = send(self.http.get(&accepted.status_url)).await;
        assert_eq!(answer.status, 200, "{answer:?}\n{}", self.tail());
        answer.body
    }

    /// Waits until the donor sees this status.
    pub(crate) async fn until_status(&self, accepted: &Accepted, status: &str, patience: Duration) -> Value {
        let what = format!("{} {status}", accepted.id);
        self.until(&what, patience, async || {
            Some(self.seen_by_donor(accepted).await).filter(|seen| seen["status"] == status)
        })
        .await
    }
}

/// Sends a request that has to be answered, however.
pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let answer = request.send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let body = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap_or(Value::Null);
    Answer { status, headers, body }
}
