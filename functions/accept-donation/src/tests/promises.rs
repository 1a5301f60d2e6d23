use std::pin::pin;

use adapters_memory::{FaultChoice, Memory, Operation};
use app::accept_donation::AcceptDonation;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use contracts::events::DonationEventType;
use contracts::telemetry::{Metric, Scope, TraceContext, within};
use domain::ids::CharityId;
use domain::minimum::Minimums;
use domain::time::Span;
use serde_json::{Value, json};
use tests_stage::{Stage, event};

use super::parsing::{body, request};
use crate::{Function, SourceAddress, handle};

fn function(stage: &Stage) -> Function<Memory, Memory, Memory, Memory> {
    let accept_donation = AcceptDonation {
        donations: stage.world.clone(),
        events: stage.world.clone(),
        clock: stage.world.clone(),
        charity: CharityId::parse("outpour-demo").unwrap(),
        first_check_after: Span::seconds(60),
    };
    Function {
        accept_donation,
        addresses: stage.addresses(),
        source_address: SourceAddress::Connection,
        minimums: Minimums::parse("GBP=1.00,JPY=100").unwrap(),
    }
}

async fn send(stage: &Stage, request: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
    send_to(&function(stage), stage, request).await
}

async fn send_to(
    function: &Function<Memory, Memory, Memory, Memory>,
    stage: &Stage,
    request: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    let response = handle(function, event(stage, request)).await.unwrap();
    assert_eq!(response.headers["cache-control"], "no-store");
    response
}

fn json_of(response: &ApiGatewayV2httpResponse) -> Value {
    let Some(Body::Text(body)) = &response.body else { panic!("a body of text") };
    serde_json::from_str(body).unwrap()
}

fn whole() -> ApiGatewayV2httpRequest {
    request(&body().to_string())
}

fn other() -> ApiGatewayV2httpRequest {
    let mut other = body();
    other["amount"] = json!("26.00");
    request(&other.to_string())
}

#[tokio::test]
async fn a_donation_is_durable_and_announced_when_it_is_accepted() {
    let stage = Stage::new();
    let response = send(&stage, whole()).await;
    assert_eq!(response.status_code, 202);
    let status = json_of(&response);
    assert_eq!(response.headers["location"], status["status_url"].as_str().unwrap());
    assert_eq!(response.headers["retry-after"], "1");
    assert!(!response.headers.contains_key("idempotent-replayed"));
    assert_eq!(stage.world.donation_items()[0].id, status["donation_id"].as_str().unwrap());
    let [announced] = &stage.world.take_events()[..] else { panic!("one event") };
    assert_eq!(announced.kind, DonationEventType::DonationAcceptedV1);
    let shown = format!("{status} {}", serde_json::to_string(announced).unwrap());
    assert!(
        !shown.contains("Ada") && !shown.contains("pm_card"),
        "nothing of the donor in answer or message"
    );
}

#[tokio::test]
async fn the_same_request_gets_the_same_answer_for_ever() {
    let stage = Stage::new();
    let first = json_of(&send(&stage, whole()).await);
    stage.world.advance(Span::hours(24 * 400));
    let mut spelt_otherwise = body();
    spelt_otherwise["amount"] = json!("25");
    for again in [whole(), request(&spelt_otherwise.to_string())] {
        let again = send(&stage, again).await;
        assert_eq!((again.status_code, json_of(&again)), (202, first.clone()));
        assert_eq!(again.headers["idempotent-replayed"], "true");
    }
    assert_eq!(stage.world.donation_items().len(), 1);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused_and_changes_nothing() {
    let stage = Stage::new();
    send(&stage, whole()).await;
    let before = stage.world.donation_items();
    let refused = send(&stage, other()).await;
    assert_eq!((refused.status_code, &json_of(&refused)["field"]), (422, &json!("Idempotency-Key")));
    assert!(stage.world.donation_items() == before);
}

#[tokio::test]
async fn each_request_is_measured_whatever_became_of_it() {
    let stage = Stage::new();
    let measured = async |request| {
        let answer = pin!(send(&stage, request));
        let (answer, measured) = within(Scope::new(TraceContext::begin("a test")), answer).await;
        let of = |metric| measured.iter().find(|one| one.metric == metric).map(|one| one.value);
        let [new, fault, millis] =
            [Metric::AcceptedDonations, Metric::AcceptFaults, Metric::AcceptMillis].map(of);
        (answer.status_code, new, fault, millis)
    };
    assert_eq!(measured(whole()).await, (202, Some(1), Some(0), Some(0)));
    assert_eq!(measured(whole()).await, (202, Some(0), Some(0), Some(0)));
    assert_eq!(measured(other()).await, (422, Some(0), Some(0), None));
    stage.strike(Operation::AcceptDonation, FaultChoice::Throttle);
    assert_eq!(measured(whole()).await, (503, Some(0), Some(1), None));
}

#[tokio::test]
async fn sixty_four_at_once_and_one_other_make_one_donation() {
    let stage = Stage::new();
    let tasks = tokio::task::LocalSet::new();
    let mut answers = Vec::new();
    tasks
        .run_until(async {
            let tasks: Vec<_> = (0..65)
                .map(|number| {
                    let stage = stage.clone();
                    let request = if number == 17 { other() } else { whole() };
                    tokio::task::spawn_local(async move { send(&stage, request).await })
                })
                .collect();
            for task in tasks {
                answers.push(task.await.unwrap());
            }
        })
        .await;
    let accepted: Vec<_> = answers.iter().filter(|answer| answer.status_code == 202).map(json_of).collect();
    assert_eq!((accepted.len(), answers[17].status_code), (64, 422));
    assert!(accepted.iter().all(|status| *status == accepted[0]));
    assert_eq!(stage.world.donation_items().len(), 1);
}

#[tokio::test]
async fn a_donation_that_could_not_be_announced_is_accepted_all_the_same_and_left_to_the_completer() {
    for fault in [FaultChoice::Throttle, FaultChoice::UnknownNotApplied] {
        let stage = Stage::new();
        stage.strike(Operation::PublishEvent, fault);
        assert_eq!(send(&stage, whole()).await.status_code, 202);
        let item = &stage.world.donation_items()[0];
        assert!(item.owed_shard.is_some() && item.next_check_at.is_some());
    }
}

#[tokio::test]
async fn a_store_whose_answer_is_lost_is_no_promise_and_the_retry_tells() {
    for (fault, is_replay) in [
        (FaultChoice::UnknownApplied, true),
        (FaultChoice::UnknownNotApplied, false),
        (FaultChoice::Throttle, false),
    ] {
        let stage = Stage::new();
        stage.strike(Operation::AcceptDonation, fault);
        let response = send(&stage, whole()).await;
        assert_eq!((response.status_code, &response.headers["retry-after"]), (503, &"1".parse().unwrap()));
        let again = send(&stage, whole()).await;
        assert_eq!(again.status_code, 202, "{fault:?}");
        assert_eq!(again.headers.contains_key("idempotent-replayed"), is_replay, "{fault:?}");
        assert_eq!(stage.world.donation_items().len(), 1);
    }
}

#[tokio::test]
async fn less_than_the_minimum_is_refused_by_field_and_rule_and_nothing_is_stored() {
    let stage = Stage::new();
    for (amount, currency, rule) in [
        ("0.99", "GBP", Some("The field must be at least 1.00 GBP.")),
        ("1.00", "GBP", None),
        ("99", "JPY", Some("The field must be at least 100 JPY.")),
        ("0.49", "EUR", Some("The field must be at least 0.50 EUR.")),
        ("0.50", "EUR", None),
    ] {
        let mut small = body();
        small["amount"] = json!(amount);
        small["currency"] = json!(currency);
        let mut request = request(&small.to_string());
        let key = format!("a-key-of-a-test-{amount}-{currency}");
        request.headers.insert("idempotency-key", key.parse().unwrap());
        let before = stage.world.donation_items().len();
        let answer = send(&stage, request).await;
        let Some(rule) = rule else {
            assert_eq!(answer.status_code, 202, "{amount} {currency}");
            continue;
        };
        let problem = json_of(&answer);
        assert_eq!((answer.status_code, &problem["field"]), (422, &json!("/amount")), "{amount} {currency}");
        assert_eq!(problem["detail"], rule);
        assert_eq!(stage.world.donation_items().len(), before);
    }
}

#[tokio::test]
async fn what_was_accepted_stays_accepted_when_the_minimum_is_raised_above_it() {
    let stage = Stage::new();
    let first = json_of(&send(&stage, whole()).await);
    let raised = Function { minimums: Minimums::parse("GBP=30.00").unwrap(), ..function(&stage) };
    let again = send_to(&raised, &stage, whole()).await;
    assert_eq!((again.status_code, json_of(&again)), (202, first));
    assert!(again.headers.contains_key("idempotent-replayed"));
    let mut never_accepted = whole();
    never_accepted.headers.insert("idempotency-key", "another-key-of-a-test".parse().unwrap());
    for small in [other(), never_accepted] {
        let refused = send_to(&raised, &stage, small).await;
        assert_eq!((refused.status_code, &json_of(&refused)["field"]), (422, &json!("/amount")));
    }
    stage.strike(Operation::LoadDonation, FaultChoice::Throttle);
    let not_known = send_to(&raised, &stage, whole()).await;
    assert_eq!(not_known.status_code, 503, "what cannot be looked at is not refused");
    assert_eq!(stage.world.donation_items().len(), 1);
}

#[tokio::test]
async fn a_donation_carries_the_mark_of_its_source_and_not_its_address() {
    let from = |address: &str| {
        let mut request = whole();
        request.request_context.http.source_ip = Some(address.to_owned());
        request
    };
    let mut sources = Vec::new();
    for address in ["192.0.2.1", "192.0.2.1", "192.0.2.2", "not an address"] {
        let stage = Stage::new();
        assert_eq!(send(&stage, from(address)).await.status_code, 202);
        let again = send(&stage, from("198.51.100.7")).await;
        assert_eq!(
            (again.status_code, &again.headers["idempotent-replayed"]),
            (202, &"true".parse().unwrap())
        );
        assert_eq!(stage.count(Operation::AcceptDonation), 2, "one write for each request, and no more");
        assert_eq!((stage.count(Operation::LoadDonation), stage.count(Operation::PublishEvent)), (0, 1));
        let item = stage.world.donation_items().remove(0);
        assert!(!serde_json::to_string(&item).unwrap().contains("192.0.2"));
        sources.push(item.source);
    }
    assert!(sources[0].is_some() && sources[0] == sources[1] && sources[0] != sources[2]);
    assert_eq!(sources[3], None);
}

#[tokio::test]
async fn nothing_that_is_refused_is_stored() {
    let stage = Stage::new();
    let mut with_card = body();
    with_card["donor"]["name"] = json!("Ada 4242 4242 4242 4242");
    for refused in [request("{"), request(&with_card.to_string())] {
        let response = send(&stage, refused).await;
        assert_eq!(response.headers["content-type"], "application/problem+json");
        assert!(!json_of(&response).to_string().contains("4242"));
    }
    assert!(stage.calls().is_empty(), "the world was not touched");
}
