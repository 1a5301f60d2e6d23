//! The charge: one attempt at an intent that reached the card issuer.
//!
//! Object: <https://docs.stripe.com/api/charges/object>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::storage::StorageFault;
use crate::storage::objects::{Index, Stored};
use crate::stripe::cards::Decline;
use crate::stripe::intent::Intent;
use crate::stripe::kind::Kind;
use crate::stripe::method::{Method, no_billing_details};
use crate::stripe::show::Shown;
use crate::work::Work;

/// Money taken, or refused by the issuer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    /// Minor units.
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) payment_intent: String,
    pub(crate) method: Method,
    /// Whether the donor passed 3-D Secure.
    pub(crate) authenticated: bool,
    /// The issuer's no; none where the money was taken.
    pub(crate) failure: Option<Failure>,
    pub(crate) balance_transaction: Option<String>,
    /// Minor units given back, or on their way back.
    pub(crate) amount_refunded: i64,
    /// The dispute about the charge, open or closed.
    pub(crate) dispute: Option<String>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) description: Option<String>,
    pub(crate) receipt_email: Option<String>,
    pub(crate) statement_descriptor_suffix: Option<String>,
}

/// An issuer's no, as the charge keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    code: String,
    decline_code: Option<String>,
    advice_code: Option<String>,
    message: String,
}

impl From<&Decline> for Failure {
    fn from(decline: &Decline) -> Self {
        Self {
            code: decline.code.to_owned(),
            decline_code: decline.decline_code.map(str::to_owned),
            advice_code: decline.advice_code.map(str::to_owned),
            message: decline.message.to_owned(),
        }
    }
}

impl Charge {
    /// A charge of the whole intent, not yet answered by the issuer.
    pub(crate) fn of(intent: &Intent, method: &Method, now: i64) -> Self {
        Self {
            id: crate::ids::new_id("ch"),
            created: now,
            amount: intent.amount,
            currency: intent.currency.clone(),
            payment_intent: intent.id.clone(),
            method: method.clone(),
            authenticated: false,
            failure: None,
            balance_transaction: None,
            amount_refunded: 0,
            dispute: None,
            metadata: intent.terms.metadata.clone(),
            description: intent.terms.description.clone(),
            receipt_email: intent.terms.receipt_email.clone(),
            statement_descriptor_suffix: intent.terms.statement_descriptor_suffix.clone(),
        }
    }

    fn status(&self) -> &'static str {
        if self.failure.is_some() { "failed" } else { "succeeded" }
    }

    fn outcome(&self) -> Value {
        let Some(failure) = &self.failure else {
            return json!({
                "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": "approved_by_network", "reason": null, "risk_level": "normal",
                "seller_message": "Payment complete.", "type": "authorized",
            });
        };
        json!({
            "advice_code": failure.advice_code, "network_advice_code": null, "network_decline_code": null,
            "network_status": "declined_by_network",
            "reason": failure.decline_code.as_ref().unwrap_or(&failure.code), "risk_level": "normal",
            "seller_message": "The bank did not return any further details with this decline.",
            "type": "issuer_declined",
        })
    }
}

impl Stored for Charge {
    const KIND: &'static str = Kind::Charge.name();

    fn index(&self) -> Index<'_> {
        Index {
            id: &self.id,
            created: self.created,
            money: Some((&self.currency, self.amount)),
            label: self.status(),
            parent: Some(&self.payment_intent),
        }
    }
}

impl Shown for Charge {
    fn show(&self, _work: &Work<'_>) -> Result<Value, StorageFault> {
        let paid = self.failure.is_none();
        Ok(json!({
            "id": self.id,
            "object": "charge",
            "amount": self.amount,
            "amount_captured": if paid { self.amount } else { 0 },
            "amount_refunded": self.amount_refunded,
            "application": null,
            "application_fee": null,
            "application_fee_amount": null,
            "balance_transaction": self.balance_transaction,
            "billing_details": no_billing_details(),
            "calculated_statement_descriptor": "OUTPOUR SANDBOX",
            "captured": paid,
            "created": self.created,
            "currency": self.currency,
            "customer": null,
            "description": self.description,
            "disputed": self.dispute.is_some(),
            "failure_balance_transaction": null,
            "failure_code": self.failure.as_ref().map(|failure| &failure.code),
            "failure_message": self.failure.as_ref().map(|failure| &failure.message),
            "fraud_details": {},
            "livemode": false,
            "metadata": self.metadata,
            "on_behalf_of": null,
            "outcome": self.outcome(),
            "paid": paid,
            "payment_intent": self.payment_intent,
            "payment_method": self.method.id,
            "payment_method_details": self.method.charge_details(self.authenticated),
            "receipt_email": self.receipt_email,
            "receipt_number": null,
            "receipt_url": null,
            "refunded": paid && self.amount_refunded == self.amount,
            "review": null,
            "shipping": null,
            "source": null,
            "source_transfer": null,
            "statement_descriptor": null,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": self.status(),
            "transfer_data": null,
            "transfer_group": null,
        }))
    }
}
