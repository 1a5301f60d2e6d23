//! The sandbox: faults to order, and what it saw and took.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Stack;

impl Stack {
    /// Puts a fault rule in force, such as `{"name": "429", "count": 1}`.
    pub(crate) async fn fault(&self, rule: Value) {
        let request = self.http.post(format!("{}/_sandbox/faults", self.provider_url)).json(&rule);
        let answer = request.send().await.unwrap();
        assert!(answer.status().is_success(), "{rule}: {}", answer.text().await.unwrap());
    }

    /// Has something happen at the provider, such as a dispute.
    pub(crate) async fn control(&self, path: &str, body: &Value) -> Value {
        self.controlled(self.http.post(format!("{}{path}", self.provider_url)), path, body).await
    }

    /// The same, and no webhook tells of it.
    pub(crate) async fn control_quietly(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(format!("{}{path}", self.provider_url));
        self.controlled(request.header("sandbox-fault", "webhook-drop"), path, body).await
    }

    async fn controlled(&self, request: reqwest::RequestBuilder, path: &str, body: &Value) -> Value {
        let answer = request.json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{path} {body}: {status} {text}");
        serde_json::from_str(&text).unwrap()
    }

    /// No webhook is delivered, so that nothing but the pipeline's own calls can tell it what became of a
    /// payment.
    pub(crate) async fn no_webhooks(&self) {
        self.fault(json!({ "name": "webhook-drop", "rate": 100 })).await;
    }

    /// The names of the fault rules still in force.
    pub(crate) async fn faults(&self) -> Vec<Value> {
        let answer = self.http.get(format!("{}/_sandbox/faults", self.provider_url)).send().await.unwrap();
        let rules: Value = answer.json().await.unwrap();
        rules["data"].as_array().unwrap().iter().map(|rule| rule["name"].clone()).collect()
    }

    /// The requests that the sandbox saw for a donation, oldest first.
    pub(crate) async fn requests_of(&self, id: &str) -> Vec<Value> {
        let url = format!("{}/_sandbox/requests?donation_id={id}&limit=1000", self.provider_url);
        let log: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        log["data"].as_array().unwrap().clone()
    }

    /// The latest thousand requests that the sandbox saw, oldest first.
    pub(crate) async fn requests(&self) -> Vec<Value> {
        let url = format!("{}/_sandbox/requests?limit=1000", self.provider_url);
        let log: Value = self.http.get(url).send().await.unwrap().json().await.unwrap();
        log["data"].as_array().unwrap().clone()
    }

    /// The requests to make a payment for a donation.
    pub(crate) async fn charges_of(&self, id: &str) -> Vec<Value> {
        let mut requests = self.requests_of(id).await;
        requests.retain(|request| request["method"] == "POST" && request["path"] == "/v1/payment_intents");
        requests
    }

    /// The idempotency keys under which payments for a donation were asked for.
    pub(crate) async fn provider_keys_of(&self, id: &str) -> BTreeSet<String> {
        let charges = self.charges_of(id).await;
        charges.iter().map(|charge| charge["idempotency_key"].as_str().unwrap().to_owned()).collect()
    }

    /// The payments that took money for a donation.
    pub(crate) async fn captures_of(&self, id: &str) -> Vec<Value> {
        let mut payments = self.all("payments").await;
        payments.retain(|payment| payment["donation_id"] == id && payment["received_minor"] != 0);
        payments
    }

    /// A call to the sandbox past the pipeline, under its own key.
    pub(crate) async fn call_provider(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = self.http.post(format!("{}{path}", self.provider_url));
        let answer = request.bearer_auth(self.secret("sandbox_api_key")).form(form).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.unwrap()
    }

    /// A payment that is made past the pipeline, in pence and with these fields besides; gives the provider's
    /// reference.
    pub(crate) async fn pay_past_the_pipeline(&self, minor: &str, more: &[(&str, &str)]) -> String {
        let form = [
            ("amount", minor),
            ("currency", "gbp"),
            ("payment_method", "pm_card_visa"),
            ("confirm", "true"),
            ("automatic_payment_methods[enabled]", "true"),
            ("automatic_payment_methods[allow_redirects]", "never"),
            ("return_url", "https://example.org/"),
        ];
        let made = self.call_provider("/v1/payment_intents", &[&form, more].concat()).await;
        made["id"].as_str().unwrap().to_owned()
    }
}
