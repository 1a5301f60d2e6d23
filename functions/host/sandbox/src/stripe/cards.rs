//! The test payment methods and what each of them does.
//!
//! Names and results: <https://docs.stripe.com/testing>. The `pm_sandbox_` ones are the sandbox's own, and so
//! is the ending `_card` with digits, as in `pm_card_visa_chargeDeclined_card0042`: another card that does
//! the same.

use crate::stripe::dispute::Complaint;

/// What a test card does, from the confirmation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TestCard {
    pub(crate) brand: &'static str,
    pub(crate) last4: &'static str,
    pub(crate) first: First,
    /// Whether the donor may be asked to prove who they are although the bank does not want it.
    pub(crate) may_authenticate: bool,
    /// How the issuer answers in the end; none is a yes.
    pub(crate) decline: Option<Decline>,
    pub(crate) refunds: RefundFate,
    /// What the cardholder complains of once the money was taken.
    pub(crate) complaint: Option<Complaint>,
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

/// The no that gives no reason.
pub(crate) const GENERIC: Decline = Decline::card("generic_decline", "try_again_later", DECLINED);

/// The digits of a token that stands for another card which does the same.
pub(crate) fn split_number(token: &str) -> (&str, Option<&str>) {
    let numbered = token.rsplit_once("_card").filter(|(_, digits)| {
        (1..=12).contains(&digits.len()) && digits.bytes().all(|digit| digit.is_ascii_digit())
    });
    numbered.map_or((token, None), |(same, digits)| (same, Some(digits)))
}

/// The card that a token stands for, where it is a test token.
pub(crate) fn test_card(token: &str) -> Option<TestCard> {
    let (token, number) = split_number(token);
    let card = plain_card(token)?;
    // Stripe's card 4242 is not enrolled in 3-D Secure, however much it is asked for.
    let enrolled = ["visa", "mastercard"].contains(&card.brand) && (card.last4 != "4242" || number.is_some());
    Some(TestCard { may_authenticate: enrolled, ..card })
}

fn plain_card(token: &str) -> Option<TestCard> {
    let yes = TestCard {
        brand: "visa",
        last4: "4242",
        first: First::Nothing,
        may_authenticate: false,
        decline: None,
        refunds: RefundFate::Succeeds,
        complaint: None,
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
        "threeDSecureOptional" => Some(TestCard { last4: "3055", ..yes }),
        "createDispute" => Some(TestCard { complaint: Some(Complaint::Fraud), last4: "0259", ..yes }),
        "createDisputeProductNotReceived" => {
            Some(TestCard { complaint: Some(Complaint::NotReceived), last4: "2685", ..yes })
        }
        "createDisputeInquiry" => {
            Some(TestCard { complaint: Some(Complaint::Inquiry), last4: "1976", ..yes })
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

/// The no of the test card that gives this reason.
pub(crate) fn decline_of(reason: &str) -> Option<Decline> {
    let declines = DECLINING.iter().filter_map(|name| decline(name)).map(|(decline, _)| decline);
    let says = |decline: &Decline| decline.decline_code.unwrap_or(decline.code) == reason;
    declines.into_iter().find(says)
}

/// The names of the cards whose issuer says no.
const DECLINING: [&str; 9] = [
    "chargeDeclined",
    "chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard",
    "chargeDeclinedStolenCard",
    "chargeDeclinedVelocityLimitExceeded",
    "radarBlock",
    "chargeDeclinedExpiredCard",
    "chargeDeclinedIncorrectCvc",
    "chargeDeclinedProcessingError",
];

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numbered_token_is_another_card_that_does_the_same() {
        let same = test_card("pm_card_visa_chargeDeclined").unwrap();
        let other = test_card("pm_card_visa_chargeDeclined_card0042").unwrap();
        assert_eq!(other.decline, same.decline);
        assert_eq!(split_number("pm_card_visa_card0042"), ("pm_card_visa", Some("0042")));
        for token in ["pm_card_visa_card", "pm_card_visa_cardx", "pm_card_visa_card1234567890123", "pm_card7"]
        {
            assert_eq!(test_card(token), None, "{token}");
        }
    }

    #[test]
    fn the_card_that_stripe_never_challenges_is_not_challenged_here() {
        assert!(!test_card("pm_card_visa").unwrap().may_authenticate);
        assert!(!test_card("pm_card_amex").unwrap().may_authenticate);
        for token in ["pm_card_threeDSecureOptional", "pm_card_visa_card1", "pm_card_chargeDeclined"] {
            assert!(test_card(token).unwrap().may_authenticate, "{token}");
        }
    }
}
