use serde_json::Value;

use crate::fixtures::start;

/// Payment method, `code`, `decline_code`: <https://docs.stripe.com/testing#declined-payments>.
const DECLINES: [(&str, &str, Option<&str>); 9] = [
    ("pm_card_visa_chargeDeclined", "card_declined", Some("generic_decline")),
    ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", Some("insufficient_funds")),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", Some("lost_card")),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", Some("stolen_card")),
    ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", Some("card_velocity_exceeded")),
    ("pm_card_radarBlock", "card_declined", Some("fraudulent")),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", None),
];

#[tokio::test]
async fn every_card_that_is_declined_says_why() {
    let sandbox = start().await;
    for (token, code, decline_code) in DECLINES {
        let error = sandbox.pay(token, 2_500, token).await.error(402);
        assert_eq!(error["type"], "card_error", "{token}");
        assert_eq!(error["code"], code, "{token}");
        assert_eq!(error.get("decline_code").and_then(Value::as_str), decline_code, "{token}");
        assert!(error["advice_code"].is_string(), "{token}");
        assert!(error["request_log_url"].as_str().unwrap().starts_with(&sandbox.url), "{token}");

        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method", "{token}");
        assert_eq!(intent["amount_received"], 0, "{token}");
        assert_eq!(intent["last_payment_error"]["code"], code, "{token}");
        assert_eq!(intent["metadata"]["donation_id"], "adaexampledonation", "{token}");

        let charge = sandbox.get(&format!("/v1/charges/{}", error["charge"].as_str().unwrap())).await.ok();
        assert_eq!((&charge["status"], &charge["paid"]), (&"failed".into(), &false.into()), "{token}");
        assert_eq!(charge["failure_code"], code, "{token}");
    }
    assert!(sandbox.list("/v1/balance_transactions").await.is_empty(), "no money has moved");
}

#[tokio::test]
async fn a_card_that_needs_the_donor_is_declined_when_the_donor_is_away() {
    let sandbox = start().await;
    for (name, value) in
        [("off_session", "true"), ("off_session", "one_off"), ("error_on_requires_action", "true")]
    {
        let fields = [
            ("amount", "2500"),
            ("currency", "gbp"),
            ("payment_method", "pm_card_authenticationRequired"),
            ("confirm", "true"),
            ("return_url", "https://give.example.org/thanks"),
            (name, value),
        ];
        let error = sandbox.submit("/v1/payment_intents", &fields).await.error(402);
        assert_eq!(error["code"], "authentication_required", "{name}={value}");
        assert_eq!(error["payment_intent"]["status"], "requires_payment_method", "{name}={value}");
    }
}

#[tokio::test]
async fn a_declined_answer_is_stored_under_the_key() {
    let sandbox = start().await;
    let first = sandbox.pay("key-0", 2_500, "pm_card_visa_chargeDeclined").await;
    let again = sandbox.pay("key-0", 2_500, "pm_card_visa_chargeDeclined").await;
    assert_eq!((again.status, again.replayed()), (402, true));
    assert_eq!(again.body, first.body);
    assert_eq!(sandbox.list("/v1/charges").await.len(), 1);
}
