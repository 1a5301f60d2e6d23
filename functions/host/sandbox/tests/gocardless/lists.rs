use serde_json::{Value, json};

use crate::client::MANDATE;
use crate::fixtures::start;

fn ids(list: &Value, name: &str) -> Vec<String> {
    list[name].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_is_turned_page_by_page_in_both_directions() {
    let sandbox = start().await;
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(sandbox.pay(&format!("key-{number}"), 1_000 + number, MANDATE).await);
    }
    made.reverse();
    let first = sandbox.get("/payments?limit=2").await.with(200);
    assert_eq!(ids(&first, "payments"), made[..2]);
    assert_eq!(first["meta"], json!({ "cursors": { "before": null, "after": made[1] }, "limit": 2 }));
    let second = sandbox.get(&format!("/payments?limit=2&after={}", made[1])).await.with(200);
    assert_eq!(ids(&second, "payments"), made[2..4]);
    assert_eq!(second["meta"]["cursors"], json!({ "before": made[2], "after": made[3] }));
    let last = sandbox.get(&format!("/payments?limit=2&after={}", made[3])).await.with(200);
    assert_eq!(
        (ids(&last, "payments"), &last["meta"]["cursors"]["after"]),
        (made[4..].to_vec(), &Value::Null)
    );
    let back = sandbox.get(&format!("/payments?limit=2&before={}", made[2])).await.with(200);
    assert_eq!(ids(&back, "payments"), made[..2]);
    assert_eq!(sandbox.get("/payments").await.with(200)["meta"]["limit"], 50);
}

#[tokio::test]
async fn a_list_is_filtered_by_time_and_by_what_is_in_it() {
    let sandbox = start().await;
    let old = sandbox.pay("key-0", 1_000, MANDATE).await;
    sandbox.days(1);
    sandbox.becomes(&old, "submitted").await;
    let new = sandbox.pay("key-1", 1_000, "MD000OTHER").await;
    let found =
        async |filter: &str| ids(&sandbox.get(&format!("/payments?{filter}")).await.with(200), "payments");
    let (noon, next) = ("2026-11-23T12:00:00.000Z", "2026-11-24T12:00:00.000Z");
    assert_eq!(found(&format!("created_at[gte]={next}")).await, [new.as_str()]);
    assert_eq!(found(&format!("created_at[gt]={noon}&created_at[lte]={next}")).await, [new.as_str()]);
    assert_eq!(found(&format!("created_at%5Blt%5D={next}")).await, [old.as_str()]);
    assert!(found(&format!("created_at[gt]={next}")).await.is_empty());
    assert_eq!(found(&format!("mandate={MANDATE}")).await, [old.as_str()]);
    assert_eq!(found("status=pending_submission").await, [new.as_str()]);

    let events = sandbox.told(&format!("payment={old}")).await;
    assert_eq!(events, ["payments.created", "payments.submitted"]);
    assert_eq!(sandbox.told("resource_type=payments&action=created").await.len(), 2);
    let event = sandbox.list(&format!("/events?payment={new}")).await.remove(0);
    let path = format!("/events/{}", event["id"].as_str().unwrap());
    assert_eq!(sandbox.get(&path).await.with(200)["events"], event);
}

#[tokio::test]
async fn a_filter_that_is_wrong_or_unknown_is_refused_and_not_ignored() {
    let sandbox = start().await;
    let filters = [
        "/payments?limit=0",
        "/payments?limit=501",
        "/payments?after=PM000NOBODY",
        "/payments?after=a&before=b",
        "/payments?created_at[gte]=yesterday",
        "/payments?customer=CU123",
        "/payout_items",
        "/payments/PM123?include=mandate",
    ];
    for filter in filters {
        assert_eq!(sandbox.get(filter).await.reason(400), "invalid_filters", "{filter}");
    }
}
