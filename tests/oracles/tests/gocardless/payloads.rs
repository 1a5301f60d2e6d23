//! What is recorded as GoCardless's, judged by the types of GoCardless's SDKs; and whether we know what they know.

use std::collections::BTreeSet;

use adapters_providers::gocardless::{GoCardlessNotice, GoCardlessNotifications};
use app::ports::PaymentProvider;
use domain::payment::PaymentOutcome;
use serde_json::{Value, json};

use crate::fixtures::{collection, connector, contract, contracts};
use crate::recorder::Recorder;
use crate::sdks::{node, python};

/// Each resource's name in an answer, and the SDK's class of it.
const CLASSES: [(&str, &str); 5] = [
    ("payments", "Payment"),
    ("refunds", "Refund"),
    ("payouts", "Payout"),
    ("payout_items", "PayoutItem"),
    ("events", "Event"),
];

/// Where an enumeration occurs, as a JSON pointer within its class, and the SDK's name of it.
const VALUES: [(&str, &str, &str); 8] = [
    ("Payment", "/status", "PaymentStatus"),
    ("Payment", "/currency", "PaymentCurrency"),
    ("Refund", "/status", "RefundStatus"),
    ("Payout", "/status", "PayoutStatus"),
    ("Payout", "/payout_type", "PayoutPayoutType"),
    ("PayoutItem", "/type", "PayoutItemType"),
    ("Event", "/resource_type", "EventResourceType"),
    ("Event", "/details/origin", "EventDetailsOrigin"),
];

async fn fields() -> Value {
    let classes: Vec<&str> = CLASSES.iter().map(|(_, class)| *class).collect();
    python(None, &[json!({ "do": "fields", "classes": classes })]).await[0]["ok"].clone()
}

async fn values() -> Value {
    let names: Vec<&str> = VALUES.iter().map(|(_, _, name)| *name).collect();
    let all = [&names[..], &["EventDetailsScheme"]].concat();
    node(None, &[json!({ "do": "values", "names": all })]).await[0]["ok"].clone()
}

fn list(values: &Value, name: &str) -> Vec<String> {
    let known = values[name].as_array().unwrap_or_else(|| panic!("the SDK has no {name}"));
    known.iter().map(|value| value.as_str().unwrap().to_owned()).collect()
}

/// The resources in an answer or a webhook's body, each with its class.
fn resources(body: &Value) -> Vec<(&'static str, &Value)> {
    let mut found = Vec::new();
    for (name, class) in CLASSES {
        match &body[name] {
            Value::Array(items) => found.extend(items.iter().map(|item| (class, item))),
            Value::Null => {}
            item => found.push((class, item)),
        }
    }
    found
}

/// Every field of an object that the class does not name, by its path.
fn strangers(object: &Value, class: &Value, path: &str) -> Vec<String> {
    match (object, class) {
        (Value::Object(members), Value::Object(known)) => members
            .iter()
            .flat_map(|(name, value)| match known.get(name) {
                Some(inner) => strangers(value, inner, &format!("{path}.{name}")),
                None => vec![format!("{path}.{name}")],
            })
            .collect(),
        (Value::Array(items), _) => items.iter().flat_map(|item| strangers(item, class, path)).collect(),
        _ => Vec::new(),
    }
}

/// What the SDKs know: the fields of their classes, and the values of their enumerations.
pub(crate) struct SdkTypes {
    fields: Value,
    values: Value,
}

/// Asks the SDKs what they know.
pub(crate) async fn known() -> SdkTypes {
    SdkTypes { fields: fields().await, values: values().await }
}

/// Every field in an answer or a webhook's body that is not GoCardless's, and every value that it does not know.
pub(crate) fn judge(known: &SdkTypes, name: &str, body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (class, object) in resources(body) {
        found.extend(strangers(object, &known.fields[class], &format!("{name}: {class}")));
        for (_, pointer, enumeration) in VALUES.iter().filter(|row| row.0 == class) {
            let value =
                object.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} {pointer}"));
            if !list(&known.values, enumeration).iter().any(|known| known == value) {
                found.push(format!("{name}: {class}{pointer} is {value}"));
            }
        }
    }
    found
}

#[tokio::test]
async fn every_recorded_payload_has_the_fields_and_values_of_gocardlesss() {
    let known = known().await;
    let mut found = Vec::new();
    let mut judged = 0;
    for (name, text) in [contracts("answers"), contracts("notifications")].concat() {
        let body: Value = serde_json::from_str(&text).unwrap();
        let resources = resources(&body).len();
        let may_be_empty = name.starts_with("error.") || name.contains("list.empty");
        assert!(may_be_empty || resources > 0, "{name}");
        judged += resources;
        found.extend(judge(&known, &name, &body));
    }
    assert!(judged > 50, "{judged}");
    assert!(found.is_empty(), "{found:#?}");
}

#[tokio::test]
async fn a_field_or_value_that_gocardless_does_not_have_is_noticed() {
    let (fields, values) = (fields().await, values().await);
    let mut body: Value = serde_json::from_str(&contract("answers", "payment.confirmed")).unwrap();
    body["payments"]["amonut"] = json!(1);
    body["payments"]["links"]["customer"] = json!("CU1");
    body["payments"]["metadata"]["anything"] = json!("goes");
    let found = strangers(&body["payments"], &fields["Payment"], "payment");
    assert_eq!(
        BTreeSet::from_iter(found),
        BTreeSet::from(["payment.amonut".into(), "payment.links.customer".into()])
    );
    assert!(!list(&values, "PaymentStatus").contains(&"captured".to_owned()));
}

#[tokio::test]
async fn every_status_that_the_official_sdk_knows_means_something_to_us() {
    let statuses = list(&values().await, "PaymentStatus");
    assert!(statuses.len() >= 9, "{statuses:?}");
    for status in statuses {
        let body =
            contract("answers", "payment.confirmed").replace("\"confirmed\"", &format!("\"{status}\""));
        let recorder = Recorder::answering(vec![(201, body)]).await;
        let outcome = connector(&recorder.url).collect(&collection()).await.said.outcome;
        let strange = PaymentOutcome::Unknown { reason: "the payment's status is not known" };
        assert_ne!(outcome, strange, "{status}");
    }
}

#[tokio::test]
async fn every_status_of_a_refund_that_the_official_sdk_knows_is_recorded() {
    let recorded: BTreeSet<String> = contracts("answers").into_iter().map(|(name, _)| name).collect();
    for status in list(&values().await, "RefundStatus") {
        assert!(recorded.contains(&format!("refund.{status}")), "{status} is recorded nowhere");
    }
    for status in list(&values().await, "PaymentStatus") {
        assert!(recorded.contains(&format!("payment.{status}")), "{status} is recorded nowhere");
    }
}

#[tokio::test]
async fn every_kind_of_event_that_the_official_sdk_knows_was_thought_of() {
    // Money that leaves an account other than by payouts is not ours, and whoever sees it here has to look.
    let parked = BTreeSet::from(["outbound_payments", "payment_account_transactions"]);
    let actions = [
        ("payments", "confirmed"),
        ("refunds", "paid"),
        ("payouts", "paid"),
        ("mandates", "active"),
        ("creditors", "updated"),
    ];
    for kind in list(&values().await, "EventResourceType") {
        let action =
            actions.iter().find(|(resource, _)| *resource == kind).map_or("created", |(_, action)| action);
        let links = json!({ "payment": "PM1", "refund": "RF1", "payout": "PO1" });
        let event = json!({ "id": "EV1", "resource_type": kind, "action": action, "links": links });
        let notice = GoCardlessNotifications.notice(&event.to_string());
        let is_parked = matches!(notice, GoCardlessNotice::Unrecognised { .. });
        assert_eq!(is_parked, parked.contains(kind.as_str()), "{kind}: {notice:?}");
    }
}

#[tokio::test]
async fn every_kind_of_line_that_the_official_sdk_knows_was_thought_of() {
    // A partner's share: a charity has none, and whoever sees it here has to look.
    let refused = "revenue_share";
    let known = list(&values().await, "PayoutItemType");
    assert!(known.len() >= 10 && known.iter().any(|kind| kind == refused), "{known:?}");
    let recorded: BTreeSet<String> = ["payout_items.list.first_page", "payout_items.list.last_page"]
        .iter()
        .flat_map(|name| {
            let body: Value = serde_json::from_str(&contract("answers", name)).unwrap();
            body["payout_items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["type"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    for kind in known.iter().filter(|kind| *kind != refused) {
        assert!(recorded.contains(kind), "{kind} is recorded nowhere, and so no test reads it");
    }
}
