//! The sandbox's webhooks as the official SDKs take them, and as our connector does.

use std::time::Duration;

use adapters_providers::gocardless::GoCardlessWebhooks;
use app::ports::{SignedNotification, Webhooks};
use data_encoding::BASE64;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::Known;
use crate::recorder::Recorder;
use crate::sandbox_running::{MANDATE, Running};
use crate::sdks::{node, python};

const SECRET: &str = "invented-endpoint-secret";

#[tokio::test]
async fn every_batch_is_believed_by_both_sdks_and_by_us_and_by_nobody_with_another_secret() {
    let receiver = Recorder::answering(vec![(204, String::new())]).await;
    let running = Running::with_webhooks(&receiver.url, SECRET).await;
    for (number, mandate) in [MANDATE, "MDdeclinedADA", "MDchargebackADA"].into_iter().enumerate() {
        running.pay(&format!("key-{number}"), mandate).await;
    }
    tokio::time::timeout(Duration::from_secs(60), receiver.wait_for(1)).await.expect("a batch arrives");
    let mut judged = 0;
    for delivery in receiver.take() {
        let header = delivery.header("webhook-signature").unwrap();
        let payload = BASE64.encode(&delivery.body);
        let verify =
            |secret: &str| json!({ "do": "verify", "payload": payload, "header": header, "secret": secret });
        let jobs = [verify(SECRET), verify("another")];
        let body: Value = serde_json::from_slice(&delivery.body).unwrap();
        for results in [node(None, &jobs).await, python(None, &jobs).await] {
            assert_eq!(results[0]["ok"], body["events"]);
            assert!(results[1]["error"].is_object(), "{results:?}");
        }
        let signed = SignedNotification { body: &delivery.body, signatures: &[header] };
        let webhooks = GoCardlessWebhooks::new(Known(vec![SECRET.to_owned()]));
        let ours = webhooks.verify(signed, Timestamp::from_millis(0)).await.unwrap();
        let ours = ours.unwrap_or_else(|refusal| panic!("{refusal}"));
        let named: Vec<String> = ours.iter().map(|event| event.id.as_str().to_owned()).collect();
        let events = body["events"].as_array().unwrap();
        let ids: Vec<String> =
            events.iter().map(|event| format!("gocardless#{}", event["id"].as_str().unwrap())).collect();
        assert_eq!(named, ids);
        judged += ids.len();
    }
    assert!(judged > 0);
    running.stop().await;
}
