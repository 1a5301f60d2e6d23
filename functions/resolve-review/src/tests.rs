use adapters_memory::{FaultChoice, Memory, Operation};
use aws_lambda_events::encodings::Body;
use contracts::events::DonationEventType;
use domain::donation::Command;
use domain::payment::{KeyLife, Payment, PaymentOutcome};
use serde_json::{Value, json};
use tests_stage::{START, Stage, connectors, event};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

async fn send(stage: &Stage, body: Value) -> (i64, Value) {
    let world = &stage.world;
    let resolve_review = ResolveReview::<Memory, Memory, Memory, Memory> {
        donations: world.clone(),
        events: world.clone(),
        connectors: connectors(stage),
        clock: world.clone(),
    };
    let request: ApiGatewayV2httpRequest = serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": "POST /donations/{id}/resolutions",
        "rawPath": format!("/donations/{ID}/resolutions"),
        "headers": { "content-type": "application/json" },
        "pathParameters": { "id": ID },
        "requestContext": {
            "http": {
                "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"
            },
            "authorizer": { "iam": { "userArn": "arn:aws:iam::000000000000:user/night" } },
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    }))
    .unwrap();
    let response = handle(&resolve_review, event(stage, request)).await.unwrap();
    let Some(Body::Text(body)) = response.body else { panic!("there is a body") };
    (response.status_code, serde_json::from_str(&body).unwrap())
}

fn decision(resolution: &str) -> Value {
    json!({ "resolution": resolution, "by": "night@charity.example", "note": "seen in the dashboard" })
}

/// A donation whose request the provider rejected.
async fn rejected() -> (Stage, DonationId) {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let outcome = PaymentOutcome::Rejected { code: "amount_too_small".to_owned() };
    let commands = vec![
        Command::StartAttempt { at: START, key_life: KeyLife::DAY },
        Command::RecordOutcome { outcome, at: START },
    ];
    stage.give(&id, commands).await;
    (stage, id)
}

fn published(stage: &Stage) -> Vec<DonationEventType> {
    stage.world.take_events().into_iter().map(|event| event.kind).collect()
}

#[tokio::test]
async fn a_decision_is_kept_with_who_and_why() {
    let (stage, id) = rejected().await;
    let (status, answer) = send(&stage, decision("not_taken")).await;
    assert_eq!((status, answer["money_taken"].as_str()), (200, Some("no")));
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Declined { .. }));
    assert_eq!(donation.resolutions[0].by.as_str(), "night@charity.example");
    assert_eq!(donation.resolutions[0].note.as_str(), "seen in the dashboard");
}

#[tokio::test]
async fn another_try_is_set_going_at_once_under_the_only_key_that_is_safe() {
    let (stage, id) = rejected().await;
    assert_eq!(send(&stage, decision("try_again")).await.0, 200);
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Collecting { .. }));
    assert_eq!(donation.payment.attempt().unwrap().number, 1);
    assert!(donation.next_check.is_some(), "the completer sees to it, whatever becomes of the announcement");
    assert_eq!(published(&stage), [DonationEventType::DonationAcceptedV1]);
}

#[tokio::test]
async fn what_the_state_does_not_call_for_is_refused_and_changes_nothing() {
    let (stage, id) = rejected().await;
    let before = stage.donation(&id).await;
    assert_eq!(send(&stage, decision("amount_accepted")).await.0, 409);
    assert_eq!(stage.donation(&id).await, before);
}

#[tokio::test]
async fn a_payment_that_a_person_found_counts_by_the_providers_word_alone() {
    let (stage, id) = rejected().await;
    let look_up = |reference: &str| json!({ "look_up": reference, "by": "night", "note": "found it" });
    assert_eq!(send(&stage, look_up("pi_000000000001")).await.0, 409, "there is no such payment");

    let donation = stage.donation(&id).await;
    let collection = app::ports::Collection {
        donation: id.clone(),
        appeal: donation.gift.appeal.clone(),
        amount: donation.gift.amount,
        token: donation.instrument.token.clone(),
        key: domain::ids::ProviderKey::of_attempt(&id, 1),
        return_url: String::new(),
        step_up: false,
    };
    stage.world.collect(&collection).await;
    stage.strike(Operation::LookUpPayment, FaultChoice::UnknownNotApplied);
    assert_eq!(send(&stage, look_up("pi_000000000001")).await.0, 503, "no answer is no word");
    let (status, answer) = send(&stage, look_up("pi_000000000001")).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("captured")));
    assert_eq!(published(&stage), [DonationEventType::PaymentCapturedV1]);
}

#[tokio::test]
async fn each_mistake_is_named() {
    let (stage, _) = rejected().await;
    for (body, status, field) in [
        (json!({ "by": "night", "note": "nothing" }), 422, "/resolution"),
        (
            json!({ "resolution": "not_taken", "look_up": "pi_1", "by": "night", "note": "both" }),
            422,
            "/resolution",
        ),
        (decision("captured"), 422, "/resolution"),
        (json!({ "resolution": "not_taken", "by": "n", "note": "short name" }), 422, "/by"),
        (json!({ "resolution": "not_taken", "by": "night", "note": "" }), 422, "/note"),
        (
            json!({ "resolution": "not_taken", "by": "night", "note": "card 4242 4242 4242 4242" }),
            422,
            "/note",
        ),
        (json!({ "resolution": "not_taken", "by": "night" }), 400, "/note"),
    ] {
        let (actual, problem) = send(&stage, body).await;
        assert_eq!((actual, problem["field"].as_str()), (status, Some(field)), "{problem}");
        assert!(!problem.to_string().contains("4242"));
    }
}
