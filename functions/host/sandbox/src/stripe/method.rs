//! The payment method: the card that a test token stands for, as objects show it.

use std::borrow::Cow;

use data_encoding::BASE32_DNSSEC;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::stripe::cards::{TestCard, split_number, test_card};

/// Stripe's fingerprints have this many characters.
const FINGERPRINT_LENGTH: usize = 16;

/// A payment method as an intent holds it: its own id, and the test token it was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Method {
    pub(crate) id: String,
    pub(crate) token: String,
}

impl Method {
    /// What the card does.
    pub(crate) fn card(&self) -> TestCard {
        test_card(&self.token).expect("a method is only made from a known token")
    }

    /// The last four digits of the card's number.
    fn last4(&self) -> Cow<'static, str> {
        match split_number(&self.token).1 {
            Some(digits) => format!("{:0>4}", &digits[digits.len().saturating_sub(4)..]).into(),
            None => self.card().last4.into(),
        }
    }

    /// What stands for the card's number, and is the same whenever the card is used.
    pub(crate) fn fingerprint(&self) -> String {
        let card = self.card();
        let number = split_number(&self.token).1.unwrap_or_default();
        let digest = Sha256::digest(format!("{} {} {number}", card.brand, card.last4));
        let mut text = BASE32_DNSSEC.encode(&digest);
        text.truncate(FINGERPRINT_LENGTH);
        text
    }

    /// The `payment_method` object, as it stands inside errors.
    pub(crate) fn render(&self, created: i64) -> Value {
        let brand = self.card().brand;
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": no_billing_details(),
            "card": {
                "brand": brand, "checks": no_checks(), "country": "GB", "display_brand": brand,
                "exp_month": 12, "exp_year": 2034, "fingerprint": self.fingerprint(), "funding": "credit",
                "last4": self.last4(), "wallet": null,
            },
            "created": created,
            "customer": null,
            "livemode": false,
            "metadata": {},
            "type": "card",
        })
    }

    /// The `payment_method_details` of a charge.
    pub(crate) fn charge_details(&self, authenticated: bool) -> Value {
        let brand = self.card().brand;
        let three_d_secure = authenticated.then(
            || json!({ "authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0" }),
        );
        json!({
            "type": "card",
            "card": {
                "brand": brand, "checks": no_checks(), "country": "GB", "exp_month": 12, "exp_year": 2034,
                "fingerprint": self.fingerprint(), "funding": "credit", "installments": null,
                "last4": self.last4(), "mandate": null, "network": brand, "three_d_secure": three_d_secure,
                "wallet": null,
            },
        })
    }
}

/// Nobody's billing details.
pub(crate) fn no_billing_details() -> Value {
    let address = json!({
        "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null,
    });
    json!({ "address": address, "email": null, "name": null, "phone": null, "tax_id": null })
}

fn no_checks() -> Value {
    json!({ "address_line1_check": null, "address_postal_code_check": null, "cvc_check": null })
}
