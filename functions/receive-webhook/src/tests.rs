use adapters_memory::{FaultChoice, Memory, Operation};
use adapters_providers::stripe::StripeWebhooks;
use app::ports::Credentials;
use aws_lambda_events::encodings::Body;
use data_encoding::{BASE64, HEXLOWER};
use domain::ids::NotificationId;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use tests_stage::{START, Stage, event};

use super::*;

const SECRET: &str = "whsec_invented_for_tests";
const EVENT: &str = include_str!("../../../contracts/providers/stripe/events/payment_intent.succeeded.json");

fn stage() -> Stage {
    let stage = Stage::new();
    let credentials =
        Credentials { api_key: "sk_test_invented".into(), webhook_secrets: vec![SECRET.into()] };
    stage.world.set_credentials(credentials);
    stage
}

/// The signature as Stripe makes it.
fn signature(secret: &str, body: &str) -> String {
    let time = START.as_seconds();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{time}.{body}").as_bytes());
    format!("t={time},v1={}", HEXLOWER.encode(&mac.finalize().into_bytes()))
}

fn request(provider: &str, signature: &str, body: &str) -> ApiGatewayV2httpRequest {
    let mut request = ApiGatewayV2httpRequest::default();
    request.path_parameters.insert("provider".to_owned(), provider.to_owned());
    request.headers.insert("stripe-signature", signature.parse().unwrap());
    request.body = Some(body.to_owned());
    request
}

async fn send(stage: &Stage, request: ApiGatewayV2httpRequest) -> (i64, Value) {
    let world = &stage.world;
    let receive_webhook = ReceiveWebhook::<StripeWebhooks<Memory>, Memory, Memory, Memory> {
        webhooks: vec![StripeWebhooks::new(world.clone())],
        notifications: world.clone(),
        queue: world.clone(),
        clock: world.clone(),
    };
    let response = handle(&receive_webhook, event(stage, request)).await.unwrap();
    let Some(Body::Text(body)) = response.body else { panic!("a body of text") };
    (response.status_code, serde_json::from_str(&body).unwrap())
}

async fn signed(stage: &Stage) -> (i64, Value) {
    send(stage, request("stripe", &signature(SECRET, EVENT), EVENT)).await
}

/// What is kept of the event, byte for byte.
async fn kept(stage: &Stage) -> Option<String> {
    use app::ports::Notifications;
    let id = NotificationId::parse("stripe#evt_3Example00000000000001").unwrap();
    stage.world.load(&id).await.unwrap().map(|notification| notification.body)
}

#[tokio::test]
async fn a_signed_notification_is_kept_as_it_came_and_queued_before_it_is_acknowledged() {
    let stage = stage();
    assert_eq!(signed(&stage).await, (200, json!({ "received": true })));
    assert_eq!(kept(&stage).await.as_deref(), Some(EVENT));
    let [queued] = &stage.world.take_queued_notifications()[..] else { panic!("one message is queued") };
    assert_eq!(queued.notification_id, "stripe#evt_3Example00000000000001");
    assert!(!serde_json::to_string(queued).unwrap().contains("donation"), "the message is thin");
}

#[tokio::test]
async fn the_bytes_count_even_where_the_front_door_encodes_them() {
    let stage = stage();
    let mut request = request("stripe", &signature(SECRET, EVENT), &BASE64.encode(EVENT.as_bytes()));
    request.is_base64_encoded = true;
    assert_eq!(send(&stage, request.clone()).await.0, 200);
    assert_eq!(kept(&stage).await.as_deref(), Some(EVENT));
    request.body = Some("not base64!".to_owned());
    assert_eq!(send(&stage, request).await.0, 400);
}

#[tokio::test]
async fn the_provider_is_asked_to_send_again_what_could_not_be_kept_or_queued() {
    for operation in [Operation::ReadCredentials, Operation::KeepNotification, Operation::EnqueueNotification]
    {
        for fault in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied, FaultChoice::UnknownApplied] {
            let stage = stage();
            stage.strike(operation, fault);
            assert_eq!(signed(&stage).await.0, 503, "{operation:?} {fault:?}");
            stage.world.take_queued_notifications();
            assert_eq!(signed(&stage).await.0, 200, "{operation:?} {fault:?}");
            assert_eq!(stage.world.take_queued_notifications().len(), 1, "a repetition is queued again");
            assert_eq!(kept(&stage).await.as_deref(), Some(EVENT));
        }
    }
}

#[tokio::test]
async fn what_is_not_certainly_from_the_provider_changes_nothing() {
    let right = signature(SECRET, EVENT);
    let changed = EVENT.replace("2500", "9900");
    assert_ne!(changed, EVENT);
    let cases = [
        (request("stripe", &signature("whsec_somebody_else", EVENT), EVENT), 400),
        (request("stripe", "", EVENT), 400),
        (request("stripe", &right, &changed), 400),
        (request("stripe", &signature(SECRET, "[]"), "[]"), 400),
        (request("paypal", &right, EVENT), 404),
        (request("", &right, EVENT), 404),
        (request("stripe", &right, &" ".repeat(BODY_BYTES_MAX + 1)), 413),
    ];
    let stage = stage();
    for (request, expected) in cases {
        let (status, problem) = send(&stage, request).await;
        assert_eq!(status, expected, "{problem}");
        assert!(!problem.to_string().contains("Example"), "nothing of the body is repeated: {problem}");
    }
    let mut twice = request("stripe", &right, EVENT);
    twice.headers.append("stripe-signature", right.parse().unwrap());
    assert_eq!(send(&stage, twice).await.0, 400);
    assert_eq!(stage.count(Operation::KeepNotification) + stage.count(Operation::EnqueueNotification), 0);
}
