//! The payment intent: what is kept of it, and how the API shows it.
//!
//! Object: <https://docs.stripe.com/api/payment_intents/object>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::storage::StorageFault;
use crate::storage::objects::{Index, Stored};
use crate::stripe::currency::Price;
use crate::stripe::kind::Kind;
use crate::stripe::method::Method;
use crate::stripe::show::Shown;
use crate::work::Work;

/// One payment for one donation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) status: Status,
    pub(crate) client_secret: String,
    pub(crate) method: Option<Method>,
    /// The method of the attempt that put the intent back to `requires_payment_method`.
    pub(crate) refused_method: Option<Method>,
    pub(crate) latest_charge: Option<String>,
    /// Where the donor's browser goes after 3-D Secure.
    pub(crate) return_url: Option<String>,
    /// The decline or failure that put the intent back to `requires_payment_method`.
    pub(crate) last_payment_error: Option<Value>,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) cancellation_reason: Option<String>,
    pub(crate) terms: Terms,
}

/// What the caller said when it created the intent, and may read back.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Terms {
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
    pub(crate) setup_future_usage: Option<String>,
    /// `automatic` or `automatic_async`.
    pub(crate) capture_method: String,
    /// `automatic` or `manual`.
    pub(crate) confirmation_method: String,
    /// `always` or `never`; none where automatic payment methods are off.
    pub(crate) allow_redirects: Option<String>,
    /// Whether the donor is to be asked to prove who they are: `automatic`, `any` or `challenge`.
    pub(crate) request_three_d_secure: String,
    /// None where the methods are automatic.
    pub(crate) allowed_payment_method_types: Option<Vec<String>>,
}

/// Statuses of an intent that is captured at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    RequiresPaymentMethod,
    RequiresConfirmation,
    RequiresAction,
    Processing,
    Canceled,
    Succeeded,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RequiresPaymentMethod => "requires_payment_method",
            Self::RequiresConfirmation => "requires_confirmation",
            Self::RequiresAction => "requires_action",
            Self::Processing => "processing",
            Self::Canceled => "canceled",
            Self::Succeeded => "succeeded",
        }
    }
}

impl Intent {
    pub(crate) fn price(&self) -> Price {
        Price { amount: self.amount, currency: self.currency.clone() }
    }

    /// What the donor's browser has to do, while the intent waits for it.
    fn next_action(&self, base_url: &str) -> Option<Value> {
        if self.status != Status::RequiresAction {
            return None;
        }
        let url = format!("{base_url}/3ds/{}?client_secret={}", self.id, self.client_secret);
        Some(match &self.return_url {
            Some(return_url) => json!({
                "type": "redirect_to_url",
                "redirect_to_url": { "url": url, "return_url": return_url },
            }),
            // Without a way back the step belongs to Stripe.js, whose own data is opaque.
            None => json!({
                "type": "use_stripe_sdk",
                "use_stripe_sdk": { "type": "three_d_secure_redirect", "stripe_js": url },
            }),
        })
    }
}

fn card_options(request_three_d_secure: &str) -> Value {
    json!({ "card": {
        "installments": null, "mandate_options": null, "network": null,
        "request_three_d_secure": request_three_d_secure,
    } })
}

impl Stored for Intent {
    const KIND: &'static str = Kind::PaymentIntent.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.amount)),
            label: self.status.name(),
            parent: None,
        }
    }
}

impl Shown for Intent {
    fn show(&self, work: &Work<'_>) -> Result<Value, StorageFault> {
        let received = if self.status == Status::Succeeded { self.amount } else { 0 };
        let terms = &self.terms;
        let automatic =
            terms.allow_redirects.as_ref().map(|allow| json!({ "allow_redirects": allow, "enabled": true }));
        let processing = (self.status == Status::Processing).then(|| json!({ "type": "card", "card": {} }));
        let card_types = terms.allowed_payment_method_types.clone().unwrap_or_else(|| vec!["card".into()]);
        Ok(json!({
            "id": self.id,
            "object": "payment_intent",
            "allowed_payment_method_types": terms.allowed_payment_method_types,
            "amount": self.amount,
            "amount_capturable": 0,
            "amount_details": { "tip": {} },
            "amount_received": received,
            "application": null,
            "application_fee_amount": null,
            "automatic_payment_methods": automatic,
            "canceled_at": self.canceled_at,
            "cancellation_reason": self.cancellation_reason,
            "capture_method": terms.capture_method,
            "client_secret": self.client_secret,
            "confirmation_method": terms.confirmation_method,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "customer_account": null,
            "description": terms.description,
            "excluded_payment_method_types": null,
            "last_payment_error": self.last_payment_error,
            "latest_charge": self.latest_charge,
            "livemode": false,
            "managed_payments": null,
            "metadata": terms.metadata,
            "next_action": self.next_action(work.base_url),
            "on_behalf_of": null,
            "payment_method": self.method.as_ref().map(|method| &method.id),
            "payment_method_configuration_details": null,
            "payment_method_options": card_options(&terms.request_three_d_secure),
            "payment_method_types": card_types,
            "payment_record": null,
            "processing": processing,
            "receipt_email": terms.receipt_email,
            "review": null,
            "setup_future_usage": terms.setup_future_usage,
            "shipping": null,
            "source": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": terms.statement_descriptor_suffix,
            "status": self.status,
            "transfer_data": null,
            "transfer_group": null,
        }))
    }
}
