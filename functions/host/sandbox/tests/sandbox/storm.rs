use std::collections::BTreeMap;

use serde_json::json;

use crate::fixtures::{endpoint, start_with};
use crate::receiver::{Delivered, Receiver};

async fn raised(seed: u64) -> (Vec<String>, Vec<String>) {
    let receiver = Receiver::start().await;
    let other = Receiver::start().await;
    let sandbox = start_with(|settings| {
        settings.webhooks.push(endpoint("charity", &receiver.url));
        let mut picky = endpoint("picky", &other.url);
        picky.enabled_events.push("charge.succeeded".to_owned());
        settings.webhooks.push(picky);
    })
    .await;
    for number in 0..4 {
        sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await.ok();
    }
    receiver.wait_for(12).await;
    other.wait_for(4).await;
    let storm = sandbox.control("storm", &json!({ "seed": seed, "times": 3 })).await.ok();
    assert_eq!(storm["deliveries"], (12 + 4) * 3);
    receiver.wait_for(48).await;
    other.wait_for(16).await;
    assert_eq!(other.in_the_end().await.len(), 16);
    let ids = |delivered: &[Delivered]| delivered.iter().map(|one| one.id().to_owned()).collect();
    let all = receiver.in_the_end().await;
    let (first, storm) = all.split_at(12);
    assert!(storm.iter().all(|one| one.signatures() == [one.expected(crate::fixtures::SECRET)]));
    (ids(first), ids(storm))
}

#[tokio::test]
async fn a_storm_delivers_everything_again_and_again_and_in_no_sequence() {
    let (first, storm) = raised(7).await;
    let mut times: BTreeMap<&String, usize> = BTreeMap::new();
    for event in &storm {
        *times.entry(event).or_default() += 1;
    }
    assert_eq!(times.len(), first.len());
    assert!(times.values().all(|times| *times == 3), "{times:?}");
    let mut sorted = storm.clone();
    sorted.sort();
    assert_ne!(storm, sorted);
    let rounds: Vec<&[String]> = storm.chunks(first.len()).collect();
    assert!(
        rounds
            .iter()
            .any(|round| round.iter().collect::<std::collections::BTreeSet<_>>().len() < first.len())
    );
}

#[tokio::test]
async fn a_storm_of_too_much_is_refused() {
    let sandbox = start_with(|_| {}).await;
    for body in [json!({ "seed": 1, "times": 0 }), json!({ "seed": 1, "times": 21 }), json!({ "seed": 1 })] {
        sandbox.control("storm", &body).await.error(400);
    }
    let none = sandbox.control("storm", &json!({ "seed": 1, "times": 20 })).await.ok();
    assert_eq!(none["deliveries"], 0, "there is nobody to tell");
}
