//! What the connector sends, field by field beside what the official SDKs send for the same call.

use adapters_providers::gocardless::{GoCardlessPayout, PayoutStatus};
use app::listing::Listing;
use app::ports::{Collection, PaymentProvider, RefundOrder};
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference, RefundId};
use domain::money::Money;
use domain::takings::RefundReason;
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::fixtures::{Still, collection, connector, contract};
use crate::recorder::{Recorded, Recorder};
use crate::sdks::{job, node, python};

/// The headers that carry meaning; they have to be there in both, with the same value, or in neither.
const MEANT: [&str; 4] = ["accept", "authorization", "gocardless-version", "idempotency-key"];
/// What HTTP itself needs, and how each client names itself. Any other header has to be in both.
const INCIDENTAL: [&str; 9] = [
    "accept-encoding",
    "connection",
    "content-length",
    "content-type",
    "gocardless-client-library",
    "gocardless-client-version",
    "host",
    "transfer-encoding",
    "user-agent",
];

const SINCE: Timestamp = Timestamp::from_millis(1_795_204_800_999);
const SINCE_TEXT: &str = "2026-11-20T20:00:00.999Z";

/// Something done to a request.
type Change = fn(&mut Recorded);

/// Each way in which two requests differ in meaning, in words.
fn differences(ours: &Recorded, sdk: &Recorded) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: &dyn std::fmt::Debug, sdk: &dyn std::fmt::Debug| {
        let (ours, sdk) = (format!("{ours:?}"), format!("{sdk:?}"));
        if ours != sdk {
            found.push(format!("{what}: ours {ours}, the SDK's {sdk}"));
        }
    };
    compare("method", &ours.method, &sdk.method);
    compare("path", &ours.path, &sdk.path);
    if ours.method == "GET" {
        compare("parameters", &ours.parameters(), &sdk.parameters());
    } else {
        let (ours, sdk) = (json_of(ours), json_of(sdk));
        compare("body", &ours, &sdk);
    }
    for name in MEANT {
        compare(name, &ours.header(name), &sdk.header(name));
    }
    let others = |request: &Recorded| -> Vec<String> {
        let known = |name: &&String| MEANT.contains(&name.as_str()) || INCIDENTAL.contains(&name.as_str());
        request.headers.keys().filter(|name| !known(name)).cloned().collect()
    };
    compare("other headers", &others(ours), &others(sdk));
    found
}

fn json_of(request: &Recorded) -> Value {
    assert_eq!(request.header("content-type"), Some("application/json"), "{request:?}");
    serde_json::from_slice(&request.body).unwrap()
}

fn assert_same(ours: &[Recorded], sdk: &[Recorded]) {
    assert_eq!(ours.len(), sdk.len(), "as many requests: {ours:#?} {sdk:#?}");
    assert!(!ours.is_empty(), "there is something to compare");
    for (ours, sdk) in ours.iter().zip(sdk) {
        let found = differences(ours, sdk);
        assert!(found.is_empty(), "{found:#?}\n{ours:#?}\n{sdk:#?}");
    }
}

/// What the SDK for Node and the SDK for Python send for these jobs, each against the same answers.
async fn sent_by_sdks(
    answers: &[(u16, String)],
    node_jobs: &[Value],
    python_jobs: &[Value],
) -> [Vec<Recorded>; 2] {
    let recorder = Recorder::answering(answers.to_vec()).await;
    let results = node(Some(&recorder.url), node_jobs).await;
    assert!(results.iter().all(|result| !result["ok"].is_null()), "{results:#?}");
    let by_node = recorder.take();
    let recorder = Recorder::answering(answers.to_vec()).await;
    let results = python(Some(&recorder.url), python_jobs).await;
    assert!(results.iter().all(|result| !result["ok"].is_null()), "{results:#?}");
    [by_node, recorder.take()]
}

/// Collections of every shape that the domain allows, the same in every run.
fn collections() -> Vec<Collection> {
    let strategy = (
        "[a-z2-7]{26}",
        "[a-z0-9](-?[a-z0-9]){0,30}",
        1_u64..=99_999_999,
        proptest::sample::select(Currency::all().collect::<Vec<_>>()),
        "MD[A-Za-z0-9_-]{1,60}",
        1_u32..=9,
    );
    let mut runner = TestRunner::deterministic();
    let mut next = || strategy.new_tree(&mut runner).unwrap().current();
    (0..64)
        .map(|_| next())
        .map(|(donation, appeal, minor, currency, token, attempt)| {
            let donation = DonationId::parse(&donation).unwrap();
            Collection {
                key: ProviderKey::of_attempt(&donation, attempt),
                donation,
                appeal: Appeal::parse(&appeal).unwrap(),
                amount: Money::from_minor(minor, currency).unwrap(),
                token: PaymentToken::parse(&token).unwrap(),
                return_url: "https://give.example.org".to_owned(),
                step_up: false,
            }
        })
        .collect()
}

/// The parameters that a developer writes for this collection, following GoCardless's documentation.
fn parameters(collection: &Collection) -> Value {
    let Collection { donation, appeal, amount, token, .. } = collection;
    json!({
        "amount": amount.minor(),
        "currency": amount.currency().code(),
        "links": { "mandate": token.as_str() },
        "metadata": { "donation_id": donation.as_str(), "appeal": appeal.as_str() },
        "retry_if_possible": false,
    })
}

fn node_create(collection: &Collection) -> Value {
    job("call", "payments.create", json!([parameters(collection), collection.key.as_str()]))
}

fn python_create(collection: &Collection) -> Value {
    let headers = json!({ "Idempotency-Key": collection.key.as_str() });
    job("call", "payments.create", json!({ "params": parameters(collection), "headers": headers }))
}

#[tokio::test]
async fn a_payment_is_asked_for_as_the_official_sdks_ask_for_it() {
    let answers = [(201, contract("answers", "payment.pending_submission"))];
    let recorder = Recorder::answering(answers.to_vec()).await;
    let connector = connector(&recorder.url);
    let mut collections = collections();
    collections.push(collection());
    for collection in &collections {
        connector.collect(collection).await;
    }
    let ours = recorder.take();
    let node_jobs: Vec<Value> = collections.iter().map(node_create).collect();
    let python_jobs: Vec<Value> = collections.iter().map(python_create).collect();
    for sdk in sent_by_sdks(&answers, &node_jobs, &python_jobs).await {
        assert_same(&ours, &sdk);
    }
    for request in &ours {
        let metadata = json_of(request)["payments"]["metadata"].as_object().unwrap().len();
        assert!(metadata <= 3, "GoCardless keeps three keys");
    }
}

#[tokio::test]
async fn a_key_that_was_used_before_is_followed_as_the_official_sdks_follow_it() {
    let answers = [
        (409, contract("answers", "error.409.idempotent_creation_conflict")),
        (200, contract("answers", "payment.confirmed")),
    ];
    let recorder = Recorder::answering(answers.to_vec()).await;
    connector(&recorder.url).collect(&collection()).await;
    tokio::time::timeout(std::time::Duration::from_secs(20), recorder.wait_for(2)).await.unwrap();
    let ours = recorder.take();
    let jobs = [node_create(&collection())];
    let [by_node, mut by_python] = sent_by_sdks(&answers, &jobs, &[python_create(&collection())]).await;
    assert_same(&ours, &by_node);
    // The SDK for Python sends the key along when it reads, where it means nothing.
    by_python[1].headers.remove("idempotency-key");
    assert_same(&ours, &by_python);
}

#[tokio::test]
async fn a_payment_is_looked_up_as_the_official_sdks_look_it_up() {
    let answers = [(200, contract("answers", "payment.confirmed"))];
    let recorder = Recorder::answering(answers.to_vec()).await;
    connector(&recorder.url).look_up(&ProviderReference::parse("PM0EXAMPLE0001").unwrap()).await;
    let ours = recorder.take();
    let node_job = job("call", "payments.find", json!(["PM0EXAMPLE0001"]));
    let python_job = job("call", "payments.get", json!({ "identity": "PM0EXAMPLE0001" }));
    for sdk in sent_by_sdks(&answers, &[node_job], &[python_job]).await {
        assert_same(&ours, &sdk);
    }
}

#[tokio::test]
async fn a_refund_is_asked_for_as_the_official_sdks_ask_for_it() {
    let answers = [(201, contract("answers", "refund.created"))];
    let recorder = Recorder::answering(answers.to_vec()).await;
    let pounds = |minor| Money::from_minor(minor, Currency::GBP).unwrap();
    let refund = RefundId::parse("rf_0123456789abcdef01234567").unwrap();
    let order = RefundOrder {
        key: ProviderKey::of_refund(&refund, 1),
        refund,
        donation: collection().donation,
        payment: ProviderReference::parse("PM0EXAMPLE0001").unwrap(),
        amount: pounds(1_000),
        total: pounds(1_500),
        reason: RefundReason::RequestedByDonor,
    };
    connector(&recorder.url).refund(&order).await;
    let ours = recorder.take();
    let parameters = json!({
        "amount": 1_000,
        "total_amount_confirmation": 1_500,
        "metadata": { "donation_id": order.donation.as_str(), "refund_id": order.refund.as_str() },
        "links": { "payment": "PM0EXAMPLE0001" },
    });
    let node_job = job("call", "refunds.create", json!([parameters, order.key.as_str()]));
    let headers = json!({ "Idempotency-Key": order.key.as_str() });
    let python_job = job("call", "refunds.create", json!({ "params": parameters, "headers": headers }));
    for sdk in sent_by_sdks(&answers, &[node_job], &[python_job]).await {
        assert_same(&ours, &sdk);
    }
}

#[tokio::test]
async fn a_payment_is_called_off_as_the_official_sdks_call_it_off() {
    let answers = [(200, contract("answers", "payment.cancelled"))];
    let recorder = Recorder::answering(answers.to_vec()).await;
    let (payment, key) = (ProviderReference::parse("PM0EXAMPLE0001").unwrap(), collection().key);
    connector(&recorder.url).call_off(&payment, &key).await;
    let ours = recorder.take();
    let node_job = job("call", "payments.cancel", json!(["PM0EXAMPLE0001", {}]));
    let python_job = job("call", "payments.cancel", json!({ "identity": "PM0EXAMPLE0001", "params": {} }));
    for mut sdk in sent_by_sdks(&answers, &[node_job], &[python_job]).await {
        // Each makes up a key of its own here.
        assert!(sdk[0].header("idempotency-key").is_some());
        set_header(&mut sdk[0], "idempotency-key", key.as_str());
        assert_same(&ours, &sdk);
    }
}

#[tokio::test]
async fn lists_are_read_page_by_page_as_the_official_sdks_turn_the_pages() {
    let payments = ["payments.list.first_page", "payments.list.last_page"];
    let items = ["payout_items.list.first_page", "payout_items.list.last_page"];
    let pages = |names: [&str; 2]| names.map(|name| (200, contract("answers", name)));
    // Another donation's, so that the search goes to the end.
    let donation = DonationId::parse("nobodysexampledonation2222").unwrap();
    let payout = GoCardlessPayout {
        reference: ProviderReference::parse("PO0EXAMPLE0001").unwrap(),
        amount: Money::from_minor(3_379, Currency::GBP).unwrap(),
        status: PayoutStatus::Paid,
        times_sent: 1,
        created_at: SINCE,
    };
    let recorder = Recorder::answering(pages(payments).to_vec()).await;
    Listing::default().find(&connector(&recorder.url), &Still, &donation, SINCE).await.unwrap();
    let found = recorder.take();
    let recorder = Recorder::answering(pages(items).to_vec()).await;
    connector(&recorder.url).lines_of(&payout).await.unwrap().unwrap();
    let settled = recorder.take();
    let (since, of_payout) = (
        json!({ "created_at": { "gte": SINCE_TEXT }, "limit": 500 }),
        json!({ "payout": "PO0EXAMPLE0001", "limit": 500 }),
    );
    // The SDK for Python sends what stands in its dictionary and knows no nested parameters.
    let flat = json!({ "created_at[gte]": SINCE_TEXT, "limit": 500 });
    for (ours, names, resource, node_args, python_args) in [
        (found, payments, "payments", since, flat),
        (settled, items, "payoutItems", of_payout.clone(), of_payout),
    ] {
        let node_job = job("list", &format!("{resource}.all"), json!([node_args]));
        let snake = if resource == "payoutItems" { "payout_items" } else { resource };
        let python_job = job("list", &format!("{snake}.all"), json!({ "params": python_args }));
        for sdk in sent_by_sdks(&pages(names), &[node_job], &[python_job]).await {
            assert_eq!(sdk.len(), 2, "{resource}");
            assert_same(&ours, &sdk);
        }
    }
}

#[tokio::test]
async fn the_comparison_notices_each_thing_that_may_differ() {
    let recorder = Recorder::answering(vec![(201, contract("answers", "payment.submitted"))]).await;
    connector(&recorder.url).collect(&collection()).await;
    let ours = recorder.take().remove(0);
    let changes: [(&str, Change); 7] = [
        ("method", |other| "PUT".clone_into(&mut other.method)),
        ("path", |other| other.path.push_str("/x")),
        ("body", |other| other.body = altered(&other.body)),
        ("idempotency-key", |other| drop(other.headers.remove("idempotency-key"))),
        ("gocardless-version", |other| set_header(other, "gocardless-version", "2014-11-03")),
        ("authorization", |other| set_header(other, "authorization", "Basic x")),
        ("other headers", |other| set_header(other, "gc-signature", "x")),
    ];
    assert!(differences(&ours, &ours).is_empty());
    for (name, change) in changes {
        let mut other = ours.clone();
        change(&mut other);
        let found = differences(&ours, &other);
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
    }
}

fn altered(body: &[u8]) -> Vec<u8> {
    String::from_utf8(body.to_vec()).unwrap().replace("2500", "9500").into_bytes()
}

fn set_header(request: &mut Recorded, name: &str, value: &str) {
    request.headers.insert(name.to_owned(), vec![value.to_owned()]);
}
