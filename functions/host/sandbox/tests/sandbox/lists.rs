use std::time::Duration;

use serde_json::Value;

use crate::fixtures::{Hands, start, start_with};

fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_is_read_page_by_page_newest_first() {
    let sandbox = start().await;
    let mut made = Vec::new();
    for number in 0..23 {
        let intent = sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await.ok();
        made.insert(0, intent["id"].as_str().unwrap().to_owned());
    }
    let first = sandbox.get("/v1/payment_intents").await.ok();
    assert_eq!((ids(&first).as_slice(), &first["has_more"]), (&made[..10], &Value::Bool(true)));
    assert_eq!(first["url"], "/v1/payment_intents");
    let mut read = Vec::new();
    let mut after = String::new();
    loop {
        let page = sandbox.get(&format!("/v1/payment_intents?limit=7{after}")).await.ok();
        read.extend(ids(&page));
        if page["has_more"] == false {
            break;
        }
        after = format!("&starting_after={}", read.last().unwrap());
    }
    assert_eq!(read, made);
    let back = sandbox.get(&format!("/v1/payment_intents?limit=3&ending_before={}", made[5])).await.ok();
    assert_eq!((ids(&back).as_slice(), &back["has_more"]), (&made[2..5], &Value::Bool(true)));
    let all = sandbox.get(&format!("/v1/payment_intents?limit=5&ending_before={}", made[5])).await.ok();
    assert_eq!((ids(&all).as_slice(), &all["has_more"]), (&made[..5], &Value::Bool(false)));
}

#[tokio::test]
async fn a_list_is_filtered_by_time() {
    let hands = Hands::new();
    let sandbox = start_with(|settings| settings.clock = hands.clock()).await;
    let mut times = Vec::new();
    for number in 0..3 {
        let intent = sandbox.pay(&format!("key-{number}"), 2_500, "pm_card_visa").await.ok();
        times.push(intent["created"].as_i64().unwrap());
        hands.advance(Duration::from_secs(10));
    }
    assert_eq!((times[0], times[2] - times[0]), (1_795_435_200, 20));
    let middle = times[1];
    for (filter, count) in [
        (format!("created[gte]={middle}"), 2),
        (format!("created[gt]={middle}"), 1),
        (format!("created%5Blt%5D={middle}"), 1),
        (format!("created[gt]={}&created[lte]={}", times[0], times[2]), 2),
        (format!("created={middle}"), 1),
    ] {
        assert_eq!(sandbox.list(&format!("/v1/payment_intents?{filter}")).await.len(), count, "{filter}");
    }
}

#[tokio::test]
async fn events_are_found_by_type_and_by_delivery() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    sandbox.pay("key-1", 2_500, "pm_card_chargeDeclined").await.error(402);
    let count = async |filter: &str| sandbox.list(&format!("/v1/events{filter}")).await.len();
    assert_eq!(count("").await, 6);
    assert_eq!(count("?type=payment_intent.succeeded").await, 1);
    assert_eq!(count("?types[]=charge.failed&types[]=charge.succeeded").await, 2);
    assert_eq!(count("?delivery_success=false").await, 0, "nobody is owed anything");
    let event = &sandbox.list("/v1/events?type=payment_intent.succeeded").await[0];
    let alone = sandbox.get(&format!("/v1/events/{}", event["id"].as_str().unwrap())).await.ok();
    assert_eq!(&alone, event);
}

#[tokio::test]
async fn ids_in_a_list_are_expanded() {
    let sandbox = start().await;
    sandbox.pay("key-0", 2_500, "pm_card_visa").await.ok();
    let page = sandbox.get("/v1/payment_intents?expand[0]=data.latest_charge").await.ok();
    assert_eq!(page["data"][0]["latest_charge"]["object"], "charge");
    sandbox.get("/v1/payment_intents?expand[]=data.amount").await.error(400);
    sandbox.get("/v1/charges?expand[]=data.a.b.c.d").await.error(400);
}

#[tokio::test]
async fn a_wrong_page_or_filter_is_refused() {
    let sandbox = start().await;
    for (query, param) in [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("starting_after=pi_nobody", "starting_after"),
        ("starting_after=pi_1&ending_before=pi_2", "ending_before"),
        ("created[since]=1", "created[since]"),
        ("created[gte]=today", "created[gte]"),
        ("customer=cus_example", "customer"),
        ("status=succeeded", "status"),
    ] {
        let error = sandbox.get(&format!("/v1/payment_intents?{query}")).await.error(400);
        assert_eq!(error["param"], param, "{query}");
    }
}
