//! The test payment methods and what each of them does.
//!
//! Names and results: <https://docs.stripe.com/testing>. The `pm_sandbox_` ones are the sandbox's own.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a test card does, from the confirmation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestCard {
    pub(crate) brand: &'static str,
    pub(crate) last4: &'static str,
    pub(crate) first: First,
    /// How the issuer answers in the end; none is a yes.
    pub(crate) decline: Option<Decline>,
    pub(crate) refunds: RefundFate,
}

/// What comes before the issuer's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum First {
    Nothing,
    /// The bank wants the donor to prove who they are (3-D Secure).
    Authentication,
    /// The payment is processing for some seconds.
    Processing,
}

/// What becomes of a refund to the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RefundFate {
    Succeeds,
    /// Pending first, then succeeded.
    Pends,
    /// Succeeded first, then failed.
    Fails,
}

/// An issuer's no. Codes: <https://docs.stripe.com/declines/codes>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::struct_field_names, reason = "these are Stripe's names")]
pub(crate) struct Decline {
    pub(crate) code: &'static str,
    pub(crate) decline_code: Option<&'static str>,
    pub(crate) advice_code: Option<&'static str>,
    pub(crate) message: &'static str,
}

impl Decline {
    /// `card_declined` with a reason.
    const fn card(decline_code: &'static str, advice_code: &'static str, message: &'static str) -> Self {
        Self {
            code: "card_declined",
            decline_code: Some(decline_code),
            advice_code: Some(advice_code),
            message,
        }
    }

    /// A code that says all there is to say.
    const fn plain(code: &'static str, advice_code: &'static str, message: &'static str) -> Self {
        Self { code, decline_code: None, advice_code: Some(advice_code), message }
    }
}

const DECLINED: &str = "Your card was declined.";

/// The card needs the donor, and the donor is not there, or was not to be asked.
pub(crate) const AUTHENTICATION_REQUIRED: Decline = Decline {
    code: "authentication_required",
    decline_code: Some("authentication_required"),
    advice_code: None,
    message: "Your card was declined. This payment requires authentication.",
};

/// The donor was asked and failed, or gave up.
pub(crate) const AUTHENTICATION_FAILED: Decline = Decline {
    code: "payment_intent_authentication_failure",
    decline_code: None,
    advice_code: None,
    message: "The payment method could not be authenticated. Choose another one and try again.",
};

const GENERIC: Decline = Decline::card("generic_decline", "try_again_later", DECLINED);

/// The card that a token stands for, where it is a test token.
pub(crate) fn test_card(token: &str) -> Option<TestCard> {
    let yes = TestCard {
        brand: "visa",
        last4: "4242",
        first: First::Nothing,
        decline: None,
        refunds: RefundFate::Succeeds,
    };
    match token {
        "pm_sandbox_processing" => return Some(TestCard { first: First::Processing, ..yes }),
        "pm_sandbox_processingDeclined" => {
            return Some(TestCard { first: First::Processing, decline: Some(GENERIC), ..yes });
        }
        _ => {}
    }
    let name = token.strip_prefix("pm_card_")?;
    if let Some((brand, last4)) = brand(name) {
        return Some(TestCard { brand, last4, ..yes });
    }
    let name = name.strip_prefix("visa_").unwrap_or(name);
    if let Some((decline, last4)) = decline(name) {
        return Some(TestCard { decline: Some(decline), last4, ..yes });
    }
    let asks = TestCard { first: First::Authentication, last4: "3220", ..yes };
    match name {
        "authenticationRequired" | "threeDSecureRequired" => Some(TestCard { last4: "3184", ..asks }),
        "threeDSecure2Required" => Some(asks),
        "threeDSecureRequiredChargeDeclined" => {
            Some(TestCard { decline: Some(GENERIC), last4: "1629", ..asks })
        }
        "pendingRefund" => Some(TestCard { refunds: RefundFate::Pends, last4: "7726", ..yes }),
        "refundFail" => Some(TestCard { refunds: RefundFate::Fails, last4: "5126", ..yes }),
        _ => None,
    }
}

/// The cards that only differ by brand.
fn brand(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "visa" | "us" => ("visa", "4242"),
        "visa_debit" => ("visa", "5556"),
        "mastercard" => ("mastercard", "4444"),
        "mastercard_debit" => ("mastercard", "8210"),
        "mastercard_prepaid" => ("mastercard", "5100"),
        "amex" => ("amex", "0005"),
        "discover" => ("discover", "1117"),
        "diners" => ("diners", "0004"),
        "jcb" => ("jcb", "0505"),
        "unionpay" => ("unionpay", "0005"),
        "gb" => ("visa", "0006"),
        "gb_debit" => ("visa", "0001"),
        _ => return None,
    })
}

/// The cards whose issuer says no.
fn decline(name: &str) -> Option<(Decline, &'static str)> {
    let funds = "Your card has insufficient funds.";
    let often = "Your card was declined for making repeated attempts too frequently.";
    let security_code = "Your card's security code is incorrect.";
    let processing = "An error occurred while processing your card. Try again in a little bit.";
    Some(match name {
        "chargeDeclined" => (GENERIC, "0002"),
        "chargeDeclinedInsufficientFunds" => {
            (Decline::card("insufficient_funds", "try_again_later", funds), "9995")
        }
        "chargeDeclinedLostCard" => (Decline::card("lost_card", "do_not_try_again", DECLINED), "9987"),
        "chargeDeclinedStolenCard" => (Decline::card("stolen_card", "do_not_try_again", DECLINED), "9979"),
        "chargeDeclinedVelocityLimitExceeded" => {
            (Decline::card("card_velocity_exceeded", "try_again_later", often), "6975")
        }
        "radarBlock" => (Decline::card("fraudulent", "do_not_try_again", DECLINED), "4954"),
        "chargeDeclinedExpiredCard" => {
            (Decline::plain("expired_card", "confirm_card_data", "Your card has expired."), "0069")
        }
        "chargeDeclinedIncorrectCvc" => {
            (Decline::plain("incorrect_cvc", "confirm_card_data", security_code), "0127")
        }
        "chargeDeclinedProcessingError" => {
            (Decline::plain("processing_error", "try_again_later", processing), "0119")
        }
        _ => return None,
    })
}

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

    /// The `payment_method` object, as it stands inside errors.
    pub(crate) fn render(&self, created: i64) -> Value {
        let card = self.card();
        json!({
            "id": self.id,
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": no_billing_details(),
            "card": {
                "brand": card.brand, "checks": no_checks(), "country": "GB", "display_brand": card.brand,
                "exp_month": 12, "exp_year": 2034, "funding": "credit", "last4": card.last4, "wallet": null,
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
        let card = self.card();
        let three_d_secure = authenticated.then(
            || json!({ "authentication_flow": "challenge", "result": "authenticated", "version": "2.2.0" }),
        );
        json!({
            "type": "card",
            "card": {
                "brand": card.brand, "checks": no_checks(), "country": "GB", "exp_month": 12,
                "exp_year": 2034, "funding": "credit", "installments": null, "last4": card.last4, "mandate": null,
                "network": card.brand, "three_d_secure": three_d_secure, "wallet": null,
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
