use adapters_memory::{FaultChoice, Operation};
use aws_lambda_events::encodings::Body;
use contracts::events::DonationEventType;
use domain::ids::DonationId;
use serde_json::{Value, json};
use tests_stage::{Stage, captured, event};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";
const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

fn request(id: &str, key: &str, body: &Value, caller: Option<&str>) -> ApiGatewayV2httpRequest {
    let authorizer = caller.map(|arn| json!({ "iam": { "userArn": arn } }));
    serde_json::from_value(json!({
        "version": "2.0",
        "routeKey": "POST /donations/{id}/refunds",
        "rawPath": format!("/donations/{id}/refunds"),
        "headers": { "content-type": "application/json", "idempotency-key": key },
        "pathParameters": { "id": id },
        "requestContext": {
            "http": {
                "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "x"
            },
            "authorizer": authorizer,
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    }))
    .unwrap()
}

async fn answer(stage: &Stage, request: ApiGatewayV2httpRequest) -> (i64, Value) {
    let world = &stage.world;
    let request_refund =
        RequestRefund { donations: world.clone(), events: world.clone(), clock: world.clone() };
    let response = handle(&request_refund, event(stage, request)).await.unwrap();
    let Some(Body::Text(body)) = response.body else { panic!("there is a body") };
    (response.status_code, serde_json::from_str(&body).unwrap())
}

async fn ask(stage: &Stage, key: &str, body: Value) -> (i64, Value) {
    answer(stage, request(ID, key, &body, Some("arn:aws:iam::000000000000:user/finance"))).await
}

async fn stage() -> (Stage, DonationId) {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    stage.give(&id, captured("pi_example_1")).await;
    (stage, id)
}

fn whole() -> Value {
    json!({ "reason": "requested_by_donor", "asked_by": "finance@charity.example" })
}

#[tokio::test]
async fn the_same_key_gives_the_same_refund_for_ever() {
    let (stage, id) = stage().await;
    let (status, first) = ask(&stage, KEY, whole()).await;
    assert_eq!(
        (status, first["amount"].as_str(), first["state"].as_str()),
        (202, Some("25.00"), Some("requested"))
    );
    assert_eq!(ask(&stage, KEY, whole()).await, (202, first));
    assert_eq!(stage.donation(&id).await.payment.takings().unwrap().refunds().len(), 1);
    let events: Vec<_> = stage.world.take_events().into_iter().map(|event| event.kind).collect();
    assert_eq!(events, [DonationEventType::RefundRequestedV1; 2], "the first may never have been heard");
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let (stage, _) = stage().await;
    ask(&stage, KEY, whole()).await;
    let mut other = whole();
    other["amount"] = json!("1.00");
    let (status, problem) = ask(&stage, KEY, other).await;
    assert_eq!((status, problem["field"].as_str()), (422, Some("Idempotency-Key")));
}

#[tokio::test]
async fn refunds_never_exceed_what_was_taken() {
    let (stage, id) = stage().await;
    for (key, amount, expected) in [
        ("first-key-of-many", "20.00", 202),
        ("second-key-of-many", "5.01", 409),
        ("third-key-of-many", "5.00", 202),
    ] {
        let mut body = whole();
        body["amount"] = json!(amount);
        assert_eq!(ask(&stage, key, body).await.0, expected, "{amount}");
    }
    assert_eq!(ask(&stage, "fourth-key-of-many", whole()).await.0, 409, "nothing is left");
    let takings = stage.donation(&id).await.payment.takings().unwrap().clone();
    assert_eq!(takings.refundable(takings.kept()), 0);
}

#[tokio::test]
async fn each_mistake_is_named() {
    let (stage, _) = stage().await;
    for (change, status, field) in [
        (json!({ "amount": "1.001" }), 422, "/amount"),
        (json!({ "amount": 1 }), 400, "/amount"),
        (json!({ "reason": "because" }), 422, "/reason"),
        (json!({ "reason": "made_at_provider" }), 422, "/reason"),
        (json!({ "asked_by": "x y" }), 422, "/asked_by"),
        (json!({ "payment": "p" }), 422, "/payment"),
        (json!({ "extra": "x" }), 400, "/extra"),
    ] {
        let mut body = whole();
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let (actual, problem) = ask(&stage, KEY, body).await;
        assert_eq!((actual, problem["field"].as_str()), (status, Some(field)), "{problem}");
    }
    assert_eq!(stage.count(Operation::SaveDonation), 2, "none but those that set the stage");
}

#[tokio::test]
async fn a_caller_whom_nobody_let_in_sees_nothing() {
    let (stage, _) = stage().await;
    for caller in [None, Some("")] {
        assert_eq!(answer(&stage, request(ID, KEY, &whole(), caller)).await.0, 404);
    }
}

#[tokio::test]
async fn a_donation_that_is_not_there_or_not_captured_has_nothing_to_refund() {
    let stage = Stage::new();
    assert_eq!(ask(&stage, KEY, whole()).await.0, 404);
    stage.accept(ID, "pm_card_visa").await;
    assert_eq!(ask(&stage, KEY, whole()).await.0, 409);
}

#[tokio::test]
async fn a_store_that_fails_is_tried_again_by_the_client() {
    let (stage, _) = stage().await;
    stage.strike(Operation::SaveDonation, FaultChoice::UnknownApplied);
    assert_eq!(ask(&stage, KEY, whole()).await.0, 503);
    assert_eq!(ask(&stage, KEY, whole()).await.0, 202);
}
