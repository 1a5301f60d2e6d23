//! What a donor sends.

use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::{Value, json};

static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A `POST /donations`: key and body.
#[derive(Clone)]
pub(crate) struct Offer {
    pub(crate) key: String,
    pub(crate) body: Value,
}

impl Offer {
    /// So many pounds by a card that says yes, under a key of its own.
    pub(crate) fn of(amount: &str) -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let body = json!({
            "amount": amount, "currency": "GBP", "appeal": "winter", "channel": "web",
            "payment": { "provider": "stripe", "token": "pm_card_visa" },
            "donor": { "name": "Ada Example", "email": "ada@example.org" },
        });
        Self { key: format!("pipeline-offer-{number:06}"), body }
    }

    /// With another card.
    pub(crate) fn token(self, token: &str) -> Self {
        self.with("/payment/token", json!(token))
    }

    /// With another value at a JSON Pointer whose parent is there.
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        self.body.pointer_mut(parent).unwrap()[name] = value;
        self
    }

    /// With an invented address and a Gift Aid declaration.
    pub(crate) fn gift_aid(self) -> Self {
        let address = json!({
            "line_1": "1 Example Street", "line_2": "Flat 2", "town": "Exampleton",
            "postal_code": "EX1 1AA", "country": "GB",
        });
        self.with("/donor/address", address).with("/gift_aid", json!({ "wording_version": "2026-01" }))
    }
}
