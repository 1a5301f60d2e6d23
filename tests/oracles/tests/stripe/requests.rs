//! What the connector sends, field by field beside what the official SDK sends for the same call.

use app::listing::Listing;
use app::ports::{Collection, PaymentProvider};
use data_encoding::HEXLOWER_PERMISSIVE;
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::fixtures::{API_KEY, Still, call, collection, connector, contract, donation, sdk_create};
use crate::recorder::{Recorded, Recorder};
use crate::sdks::node_against;

/// The headers that carry meaning; they have to be there in both, with the same value, or in neither.
const MEANT: [&str; 5] = ["accept", "authorization", "idempotency-key", "stripe-version", "content-encoding"];
/// What HTTP itself needs, and how each client names itself. Any other header has to be in both.
const INCIDENTAL: [&str; 7] = [
    "connection",
    "content-length",
    "content-type",
    "host",
    "user-agent",
    "x-stripe-client-telemetry",
    "x-stripe-client-user-agent",
];

/// Path segments, decoded: clients may differ in which harmless characters they escape, and in nothing else.
fn segments(path: &str) -> Vec<Vec<u8>> {
    path.split('/').map(percent_decoded).collect()
}

fn percent_decoded(text: &str) -> Vec<u8> {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        bytes.extend(HEXLOWER_PERMISSIVE.decode(&part.as_bytes()[..2]).unwrap());
        bytes.extend_from_slice(&part.as_bytes()[2..]);
    }
    bytes
}

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
    compare("path", &segments(&ours.path), &segments(&sdk.path));
    compare("parameters", &ours.parameters(), &sdk.parameters());
    for name in MEANT {
        compare(name, &ours.header(name), &sdk.header(name));
    }
    // The SDK declares a form even where there is no body; we do where there is one.
    if !ours.body.is_empty() || !sdk.body.is_empty() {
        compare("content-type", &ours.header("content-type"), &sdk.header("content-type"));
    }
    let others = |request: &Recorded| -> Vec<String> {
        let known = |name: &&String| MEANT.contains(&name.as_str()) || INCIDENTAL.contains(&name.as_str());
        request.headers.keys().filter(|name| !known(name)).cloned().collect()
    };
    compare("other headers", &others(ours), &others(sdk));
    found
}

fn assert_same(ours: &[Recorded], sdk: &[Recorded]) {
    assert_eq!(ours.len(), sdk.len(), "as many requests: {ours:#?} {sdk:#?}");
    assert!(!ours.is_empty(), "there is something to compare");
    for (ours, sdk) in ours.iter().zip(sdk) {
        let found = differences(ours, sdk);
        assert!(found.is_empty(), "{found:#?}\n{ours:#?}\n{sdk:#?}");
        let (form, body) = (ours.header("content-type"), !ours.body.is_empty());
        assert_eq!(form, body.then_some("application/x-www-form-urlencoded"), "a body is a form");
    }
}

async fn recorder(names: &[&str]) -> Recorder {
    Recorder::answering(names.iter().map(|name| (200, contract("answers", name))).collect()).await
}

/// Collections of every shape that the domain allows, the same in every run.
fn collections() -> Vec<Collection> {
    let strategy = (
        "[a-z2-7]{26}",
        "[a-z0-9](-?[a-z0-9]){0,30}",
        1_u64..=99_999_999,
        proptest::sample::select(Currency::all().collect::<Vec<_>>()),
        "pm_[A-Za-z0-9_-]{1,60}",
        1_u32..=9,
        "https://[a-z]{1,10}\\.example\\.org/[ -~é✓]{0,40}",
    );
    let mut runner = TestRunner::deterministic();
    let mut next = || strategy.new_tree(&mut runner).unwrap().current();
    (0..64)
        .map(|_| next())
        .map(|(donation, appeal, minor, currency, token, attempt, return_url)| {
            let donation = DonationId::parse(&donation).unwrap();
            Collection {
                key: ProviderKey::of_attempt(&donation, attempt),
                donation,
                appeal: Appeal::parse(&appeal).unwrap(),
                amount: Money::from_minor(minor, currency).unwrap(),
                token: PaymentToken::parse(&token).unwrap(),
                return_url,
                step_up: minor % 2 == 0,
            }
        })
        .collect()
}

#[tokio::test]
async fn a_payment_is_asked_for_as_the_official_sdk_asks_for_it() {
    let recorder = recorder(&["payment_intent.succeeded"]).await;
    let connector = connector(&recorder.url);
    let mut collections = collections();
    collections.push(collection(1, "pm_card_visa"));
    for collection in &collections {
        connector.collect(collection).await;
    }
    let ours = recorder.take();
    let jobs: Vec<Value> = collections.iter().map(sdk_create).collect();
    let results = node_against(Some(&recorder.url), API_KEY, &jobs).await;
    assert!(results.iter().all(|result| result["ok"]["status"] == 200), "{results:#?}");
    assert_same(&ours, &recorder.take());
}

#[tokio::test]
async fn a_payment_is_looked_up_as_the_official_sdk_retrieves_it() {
    let recorder = recorder(&["payment_intent.succeeded"]).await;
    let connector = connector(&recorder.url);
    let references = ["pi_3Example00000000000001", "pi_1/../../v1/refunds?x=1#y%2e", "pi_!*'()~-._"];
    for reference in references {
        connector.look_up(&ProviderReference::parse(reference).unwrap()).await;
    }
    let ours = recorder.take();
    let jobs = references.map(|reference| call("paymentIntents.retrieve", json!([reference])));
    node_against(Some(&recorder.url), API_KEY, &jobs).await;
    assert_same(&ours, &recorder.take());
}

#[tokio::test]
async fn payments_are_listed_page_by_page_as_the_official_sdk_turns_the_pages() {
    let pages = ["payment_intents.list.first_page", "payment_intents.list.last_page"];
    let since = Timestamp::from_millis(1_795_204_800_999);
    let ours = {
        let recorder = recorder(&pages).await;
        Listing::default().find(&connector(&recorder.url), &Still, &donation(7), since).await.unwrap();
        recorder.take()
    };
    let recorder = recorder(&pages).await;
    let parameters = json!({ "limit": 100, "created": { "gte": 1_795_204_800 } });
    let job = json!({ "do": "list", "method": "paymentIntents.list", "args": [parameters] });
    let results = node_against(Some(&recorder.url), API_KEY, &[job]).await;
    assert!(results[0]["ok"].as_array().is_some_and(|payments| payments.len() > 1), "{results:#?}");
    let sdk = recorder.take();
    assert_eq!(sdk.len(), pages.len());
    assert_same(&ours, &sdk);
}

#[tokio::test]
async fn the_comparison_notices_each_thing_that_may_differ() {
    let recorder = recorder(&["payment_intent.succeeded"]).await;
    connector(&recorder.url).collect(&collection(1, "pm_card_visa")).await;
    let ours = recorder.take().remove(0);
    let changes: [(&str, Change); 7] = [
        ("method", |other| "PUT".clone_into(&mut other.method)),
        ("path", |other| other.path.push_str("/x")),
        ("parameters", |other| other.body.push(b'0')),
        ("idempotency-key", |other| other.headers.retain(|name, _| name != "idempotency-key")),
        ("stripe-version", |other| set_header(other, "stripe-version", "2026-09-30.endive")),
        ("authorization", |other| set_header(other, "authorization", "Basic x")),
        ("other headers", |other| set_header(other, "stripe-account", "acct_1")),
    ];
    assert!(differences(&ours, &ours).is_empty());
    for (name, change) in changes {
        let mut other = ours.clone();
        change(&mut other);
        let found = differences(&ours, &other);
        assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
    }
}

fn set_header(request: &mut Recorded, name: &str, value: &str) {
    request.headers.insert(name.to_owned(), vec![value.to_owned()]);
}
