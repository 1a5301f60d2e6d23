use adapters_memory::{FaultChoice, Memory, Operation};
use secrecy::SecretSlice;
use serde_json::{Value, json};
use tests_stage::{Stage, captured, event};

use super::*;

const ID: &str = "mzxw6ytboi4dkmrtgq2tmnzyhe";

fn request(id: &str, capability: Option<&str>) -> ApiGatewayV2httpRequest {
    let query = capability.map_or(json!({}), |capability| json!({ "capability": capability }));
    serde_json::from_value(json!({
        "version": "2.0",
        "headers": {},
        "pathParameters": { "id": id },
        "queryStringParameters": query,
        "requestContext": { "http": { "method": "GET", "path": format!("/donations/{id}") } },
        "isBase64Encoded": false
    }))
    .unwrap()
}

async fn show(stage: &Stage, id: &str, capability: Option<&str>) -> (i64, Value) {
    let show_donation =
        ShowDonation::<Memory, Memory> { donations: stage.world.clone(), addresses: stage.addresses() };
    let response = handle(&show_donation, event(stage, request(id, capability))).await.unwrap();
    assert_eq!(response.headers["cache-control"], "no-store");
    let Some(aws_lambda_events::encodings::Body::Text(body)) = response.body else {
        panic!("a body of text")
    };
    (response.status_code, serde_json::from_str(&body).unwrap())
}

async fn capability(stage: &Stage, id: &DonationId) -> String {
    let address = stage.addresses().address(id).await.unwrap();
    address.split_once("?capability=").unwrap().1.to_owned()
}

#[tokio::test]
async fn whoever_has_the_address_sees_the_status_and_nothing_of_the_donor() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let capability = capability(&stage, &id).await;
    let (status, body) = show(&stage, ID, Some(&capability)).await;
    assert_eq!(
        (status, &body["status"], &body["money_taken"]),
        (200, &json!("accepted"), &json!("not_known_yet"))
    );
    assert!(!body.to_string().contains("Ada") && !body.to_string().contains("pm_card"));
    stage.give(&id, captured("pi_1Example")).await;
    let (_, body) = show(&stage, ID, Some(&capability)).await;
    assert_eq!((&body["status"], &body["money_taken"]), (&json!("captured"), &json!("yes")));
}

#[tokio::test]
async fn a_wrong_capability_and_a_wrong_id_look_the_same_and_the_store_is_not_asked() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let right = capability(&stage, &id).await;
    let other = DonationId::parse(&"b".repeat(26)).unwrap();
    let of_another = capability(&stage, &other).await;
    let changed = format!("{}{}", if right.starts_with('A') { 'B' } else { 'A' }, &right[1..]);
    let before = stage.count(Operation::LoadDonation);
    let mut answers = Vec::new();
    for capability in [None, Some(""), Some("x"), Some(&right[1..]), Some(&changed), Some(&of_another)] {
        answers.push(show(&stage, ID, capability).await);
    }
    answers.push(show(&stage, &"z".repeat(26), Some(&right)).await);
    answers.push(show(&stage, "not-an-id", Some(&right)).await);
    assert_eq!(stage.count(Operation::LoadDonation), before, "nobody can find out which ids exist");
    answers.push(show(&stage, other.as_str(), Some(&of_another)).await);
    assert!(answers.iter().all(|answer| answer.0 == 404 && answer.1 == answers[0].1), "{answers:?}");
}

#[tokio::test]
async fn an_address_that_an_older_key_sealed_still_opens() {
    let stage = Stage::new();
    let id = stage.accept(ID, "pm_card_visa").await;
    let old = capability(&stage, &id).await;
    let keys = |bytes: &[u8]| bytes.iter().map(|byte| SecretSlice::from(vec![*byte; 32])).collect::<Vec<_>>();
    stage.world.set_capability_keys(keys(&[9, 7]));
    let (status, body) = show(&stage, ID, Some(&old)).await;
    assert_eq!(status, 200);
    let new = capability(&stage, &id).await;
    assert!(body["status_url"].as_str().unwrap().ends_with(&new), "and is answered with the newest address");
    stage.world.set_capability_keys(keys(&[9]));
    assert_eq!(show(&stage, ID, Some(&old)).await.0, 404, "until the key is taken away");
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_no_answer_about_the_donation() {
    for operation in [Operation::LoadDonation, Operation::ReadCapabilityKeys] {
        let stage = Stage::new();
        let id = stage.accept(ID, "pm_card_visa").await;
        let capability = capability(&stage, &id).await;
        stage.strike(operation, FaultChoice::Throttle);
        let (status, body) = show(&stage, ID, Some(&capability)).await;
        assert_eq!(status, 503, "{body}");
        assert!(body["type"].as_str().unwrap().ends_with("try-again"));
    }
}
