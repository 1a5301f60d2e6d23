//! `stored/` and the items that lie in the tables.

use std::collections::BTreeSet;

use contracts::stored::{
    BudgetItem, DonationItem, EntryItem, LEDGER_SHARDS, MarkerItem, NotificationItem, OWED_SHARDS,
    PostedEntry, ReadingItem, TallyItem, WorkItem, card_key, everybody_key, marker_key, source_key,
};
use domain::budget::{Budget, BudgetId, CallKind, Slowed};
use domain::donation::Donation;
use domain::ids::Provider;
use domain::journal::{JournalEntry, POSTINGS_MAX};
use domain::payment::ATTEMPTS_MAX;
use domain::reading::Reading;
use domain::screening::{CardMark, MARK_BYTES, Source, Window};
use domain::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::{document, examples, names_in};
use crate::generated;
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

const KINDS: [&str; 8] =
    ["budget", "donation", "entry", "marker", "notification", "reading", "tally", "work"];

/// Schemas of parts that are too large to stand in their item's.
const PARTS: [&str; 1] = ["takings"];

pub(crate) fn schema(kind: &str) -> jsonschema::Validator {
    validator(&format!("stored/{kind}.schema.json"))
}

/// Reads an item with all that its reader checks, and writes it again.
pub(crate) fn read(kind: &str, item: &Value) -> Result<Value, String> {
    let item = item.clone();
    let words = |error: serde_json::Error| error.to_string();
    let written = match kind {
        "budget" => {
            let item: BudgetItem = serde_json::from_value(item).map_err(words)?;
            serde_json::to_value(written_budget(&item))
        }
        "donation" => {
            let item: DonationItem = serde_json::from_value(item).map_err(words)?;
            let donation = Donation::try_from(&item).map_err(|error| error.to_string())?;
            assert_eq!(
                donation.owed().is_nothing(),
                donation.next_check.is_none(),
                "looked at exactly while owing"
            );
            serde_json::to_value(DonationItem::of(&donation, item.version))
        }
        "entry" => {
            let item: EntryItem = serde_json::from_value(item).map_err(words)?;
            let entry = PostedEntry::try_from(item).map_err(|error| error.to_string())?;
            serde_json::to_value(EntryItem::from(&entry))
        }
        "marker" => serde_json::to_value(serde_json::from_value::<MarkerItem>(item).map_err(words)?),
        "reading" => {
            let item: ReadingItem = serde_json::from_value(item).map_err(words)?;
            let provider = item.id.trim_start_matches("reading#");
            let provider = Provider::parse(provider).map_err(|error| error.to_string())?;
            serde_json::to_value(ReadingItem::of(provider, &Reading::from(&item), item.version))
        }
        "work" => serde_json::to_value(serde_json::from_value::<WorkItem>(item).map_err(words)?),
        "tally" => serde_json::to_value(serde_json::from_value::<TallyItem>(item).map_err(words)?),
        _ => serde_json::to_value(serde_json::from_value::<NotificationItem>(item).map_err(words)?),
    };
    Ok(written.unwrap())
}

/// The item of the budget that is read from an item.
fn written_budget(item: &BudgetItem) -> BudgetItem {
    let mut parts = item.id.trim_start_matches("budget#").split('#');
    let account = parts.next().unwrap_or_default();
    let kind = if parts.next() == Some("reads") { CallKind::Reads } else { CallKind::Creates };
    BudgetItem::of(&BudgetId::of(account, kind).unwrap(), &Budget::from(item), item.version)
}

#[test]
fn every_item_has_a_schema_and_examples_and_there_are_no_others() {
    let mut files: Vec<_> = KINDS.iter().chain(&PARTS).map(|kind| format!("{kind}.schema.json")).collect();
    files.push("examples".to_owned());
    files.sort();
    assert_eq!(names_in("stored"), files);
    for folder in ["valid", "invalid"] {
        assert_eq!(names_in(&format!("stored/examples/{folder}")), KINDS, "{folder}");
    }
}

#[test]
fn every_valid_example_fits_its_schema_and_comes_back_as_it_was() {
    for kind in KINDS {
        let schema = schema(kind);
        for (name, item) in examples(&format!("stored/examples/valid/{kind}")) {
            assert_valid(&schema, &name, &item);
            assert_eq!(read(kind, &item), Ok(item), "{kind}/{name}");
        }
    }
}

#[test]
fn every_invalid_example_is_refused_by_its_schema_and_by_the_reader_where_it_looks() {
    // A reader takes items as any newer or older version of this code may have written them: it ignores
    // attributes that it does not know or need, and the tables' keys are what it asked for.
    let read_all_the_same = [
        "budget/id-without-kind",
        "budget/slowed-without-rate",
        "donation/accepted-with-attempt",
        "donation/card-number-beside-the-token",
        "donation/declined-with-takings",
        "donation/next-check-without-shard",
        "donation/refund-requested-with-reference",
        "donation/six-captures",
        "entry/day-that-does-not-exist",
        "entry/shard-out-of-range",
        "marker/hash-in-capitals",
        "marker/pk-of-an-entry",
        "notification/id-without-provider",
        "reading/after-without-since",
        "tally/address-in-clear",
        "tally/place-out-of-range",
        "work/amount-without-currency",
        "work/closed-without-note",
        "work/donor-data",
        "work/id-without-provider",
        "work/neither-open-nor-closed",
        "work/open-and-closed",
    ];
    let mut read_items = BTreeSet::new();
    for kind in KINDS {
        let schema = schema(kind);
        for (name, item) in examples(&format!("stored/examples/invalid/{kind}")) {
            assert!(!schema.is_valid(&item), "{kind}/{name} fits its schema");
            if read(kind, &item).is_ok() {
                read_items.insert(format!("{kind}/{name}"));
            }
        }
    }
    assert_eq!(read_items, read_all_the_same.map(str::to_owned).into());
}

#[test]
fn there_is_an_example_of_every_state_of_a_payment_and_of_a_receipt() {
    let schema = document("stored/donation.schema.json");
    let examples = examples("stored/examples/valid/donation");
    for part in ["payment", "receipt"] {
        let states: BTreeSet<_> = schema["$defs"][part]["properties"]["state"]["enum"]
            .as_array()
            .unwrap()
            .iter()
            .map(|state| state.as_str().unwrap())
            .collect();
        let shown: BTreeSet<_> =
            examples.iter().filter_map(|(_, item)| item[part]["state"].as_str()).collect();
        assert_eq!(shown, states, "{part}");
    }
}

/// Every object at this path, in which `*` stands for each item of an array.
fn objects_at<'a>(value: &'a Value, path: &str) -> Vec<&'a serde_json::Map<String, Value>> {
    let Some((step, rest)) =
        path.trim_start_matches('/').split_once('/').or(Some((path, "")).filter(|_| !path.is_empty()))
    else {
        return value.as_object().into_iter().collect();
    };
    match value {
        Value::Array(items) if step == "*" => items.iter().flat_map(|item| objects_at(item, rest)).collect(),
        Value::Object(fields) => {
            fields.get(step).into_iter().flat_map(|field| objects_at(field, rest)).collect()
        }
        _ => vec![],
    }
}

#[test]
fn every_attribute_is_described_and_every_described_attribute_is_written() {
    let parts = [
        ("budget", "", "budget", "/properties"),
        ("donation", "", "donation", "/properties"),
        ("donation", "donor", "donation", "/$defs/donor/properties"),
        ("donation", "donor/address", "donation", "/$defs/address/properties"),
        ("donation", "payment", "donation", "/$defs/payment/properties"),
        ("donation", "payment/takings", "takings", "/properties"),
        ("donation", "payment/takings/captures/*", "takings", "/$defs/capture/properties"),
        ("donation", "payment/takings/refunds/*", "takings", "/$defs/refund/properties"),
        ("donation", "payment/takings/refunds/*/attempt", "donation", "/$defs/attempt/properties"),
        ("donation", "payment/takings/disputes/*", "takings", "/$defs/dispute/properties"),
        ("donation", "payment/takings/disputes/*/withdrawn", "takings", "/$defs/withdrawal/properties"),
        ("donation", "payment/takings/disputes/*/reinstated", "takings", "/$defs/withdrawal/properties"),
        ("donation", "resolutions/*", "donation", "/$defs/resolved/properties"),
        ("donation", "receipt", "donation", "/$defs/receipt/properties"),
        ("entry", "", "entry", "/properties"),
        ("entry", "lines/*", "entry", "/$defs/line/properties"),
        ("marker", "", "marker", "/properties"),
        ("notification", "", "notification", "/properties"),
        ("reading", "", "reading", "/properties"),
        ("tally", "", "tally", "/properties"),
        ("work", "", "work", "/properties"),
    ];
    for (kind, path, file, described) in parts {
        let schema = document(&format!("stored/{file}.schema.json"));
        let described = schema.pointer(described).unwrap().as_object().unwrap();
        let described: BTreeSet<String> = described.keys().cloned().collect();
        let mut written = BTreeSet::new();
        for (name, item) in examples(&format!("stored/examples/valid/{kind}")) {
            let item = read(kind, &item).unwrap_or_else(|refusal| panic!("{kind}/{name}: {refusal}"));
            for object in objects_at(&item, path) {
                written.extend(object.keys().cloned());
            }
        }
        assert_eq!(written, described, "{kind}/{path}");
    }
}

#[test]
fn an_entry_that_was_tampered_with_is_not_read() {
    // No schema can sum or hash. The examples' hashes were computed apart from this code, from the rule in
    // words.
    let capture = document("stored/examples/valid/entry/capture.json");
    assert!(read("entry", &capture).is_ok());
    let changes = [
        ("/lines/0/minor", json!(2_501)),
        ("/lines/0/side", json!("credit")),
        ("/lines/0/currency", json!("EUR")),
        ("/appeal", json!("spring-2026")),
        ("/occurred_at", json!(1_795_204_800_901_u64)),
        ("/reference", json!("pi_2Example")),
        ("/entry_id", json!("je_0123456789abcdef01234567")),
        ("/hash", json!("0".repeat(64))),
    ];
    for (pointer, value) in changes {
        let mut tampered = capture.clone();
        *tampered.pointer_mut(pointer).unwrap() = value;
        assert!(schema("entry").is_valid(&tampered), "{pointer}: where the schema notices it proves nothing");
        assert!(read("entry", &tampered).is_err(), "{pointer}");
    }
    let mut both = capture;
    both["lines"][0]["minor"] = json!(2_501);
    both["lines"][1]["minor"] = json!(2_501);
    assert!(read("entry", &both).is_err(), "balanced, and not what was posted");
}

#[test]
fn examples_that_name_one_thing_name_it_alike() {
    for (name, item) in examples("stored/examples/valid/donation") {
        let item: DonationItem = serde_json::from_value(item).unwrap();
        let donation = Donation::try_from(&item).unwrap();
        let called_for: BTreeSet<_> =
            JournalEntry::all_of(&donation).iter().map(|entry| entry.id().clone()).collect();
        for booked in &donation.entries {
            assert!(called_for.contains(booked), "{name}: {booked} books nothing of this donation");
        }
    }
    for (name, marker) in examples("stored/examples/valid/marker") {
        let entry = document(&format!("stored/examples/valid/entry/{name}.json"));
        let entry: EntryItem = serde_json::from_value(entry).unwrap();
        assert_eq!(serde_json::to_value(MarkerItem::from(&entry)).unwrap(), marker, "{name}");
    }
    for (name, item) in examples("stored/examples/valid/work") {
        let item: WorkItem = serde_json::from_value(item).unwrap();
        assert_eq!(item.id, WorkItem::id_of(item.kind, &item.provider, &item.reference), "{name}");
    }
}

#[test]
fn every_bound_in_a_schema_is_the_bound_in_code() {
    let donation = document("stored/donation.schema.json");
    assert_eq!(donation["properties"]["owed_shard"]["maximum"], OWED_SHARDS - 1);
    assert_eq!(donation["$defs"]["attempt"]["properties"]["number"]["maximum"], ATTEMPTS_MAX);
    let entry = document("stored/entry.schema.json");
    assert_eq!(entry["properties"]["lines"]["maxItems"], POSTINGS_MAX);
    let pk = validator("stored/entry.schema.json#/properties/pk");
    for shard in 0..=99 {
        let key = contracts::stored::day_partition("2026-11-20", shard);
        assert_eq!(pk.is_valid(&json!(key)), shard < LEDGER_SHARDS, "{key}");
    }
}

#[test]
fn every_key_of_a_tally_fits_its_schema_and_a_tally_expires_with_the_next_window() {
    let id = validator("stored/tally.schema.json#/properties/id");
    for at in [0, 1_795_204_800_000, 253_402_300_799_999] {
        let window = Window::of(Timestamp::from_millis(at));
        let (source, card) = (Source::of([7; MARK_BYTES]), CardMark::of([0xab; MARK_BYTES]));
        for key in [source_key(&source, window), card_key(&card, window), everybody_key(window)] {
            assert!(id.is_valid(&json!(key)), "{key}");
        }
    }
    for (name, item) in examples("stored/examples/valid/tally") {
        let item: TallyItem = serde_json::from_value(item).unwrap();
        let window = Window::of(Timestamp::from_millis(1_795_204_800_000));
        assert!(item.id.ends_with(&format!("#{}", window.number())), "{name}");
        assert_eq!(item.expires_at, window.forgotten_at().as_seconds(), "{name}");
    }
}

/// An entry as posting it gives it.
fn posted(entry: JournalEntry) -> PostedEntry {
    PostedEntry {
        posted_at: entry.subject().occurred_at,
        business_date: "2026-11-20".to_owned(),
        value_date: "2026-11-19".to_owned(),
        entry,
    }
}

/// A budget as time, refusals and faults may have left it.
fn budgets() -> impl Strategy<Value = Budget> {
    let moment = || (1_795_204_800_000..1_795_291_200_000_u64).prop_map(Timestamp::from_millis);
    let slowed = (moment(), 1..=1_000_u64).prop_map(|(at, rate)| Slowed { at, rate });
    let open = (moment(), 1..=u32::MAX);
    (moment(), proptest::option::of(slowed), proptest::option::of(open)).prop_map(
        |(free_at, slowed, open)| {
            let (open_until, openings) = open.map_or((None, 0), |(until, openings)| (Some(until), openings));
            Budget { free_at, slowed, openings, open_until }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_budget_fits_its_schema_and_comes_back_as_it_was(
        budget in budgets(), version in 1..u64::MAX,
    ) {
        thread_local!(static SCHEMA: jsonschema::Validator = schema("budget"));
        let id = BudgetId::of("stripe", CallKind::Reads).unwrap();
        let value = serde_json::to_value(BudgetItem::of(&id, &budget, version)).unwrap();
        SCHEMA.with(|schema| assert_valid(schema, "a generated budget", &value));
        prop_assert_eq!(Budget::from(&serde_json::from_value::<BudgetItem>(value).unwrap()), budget);
    }

    #[test]
    fn every_donation_fits_its_schema_and_comes_back_as_it_was(
        donation in generated::donations(),
        version in 1..u64::MAX,
    ) {
        thread_local!(static SCHEMA: jsonschema::Validator = schema("donation"));
        let item = DonationItem::of(&donation, version);
        let value = serde_json::to_value(&item).unwrap();
        SCHEMA.with(|schema| assert_valid(schema, "a generated donation", &value));
        let back: DonationItem = serde_json::from_value(value).unwrap();
        prop_assert!(back == item);
        prop_assert_eq!(Donation::try_from(&back), Ok(donation));
    }

    #[test]
    fn every_entry_and_its_marker_fit_their_schemas_and_come_back_as_they_were(
        donation in generated::donations(),
        movement in generated::takings::movements(),
        provider in generated::takings::providers(),
    ) {
        thread_local! {
            static ENTRY: jsonschema::Validator = schema("entry");
            static MARKER: jsonschema::Validator = schema("marker");
        }
        let entries = JournalEntry::all_of(&donation).into_iter().chain(movement.entries(provider));
        for posted in entries.map(posted) {
            let item = EntryItem::from(&posted);
            let value = serde_json::to_value(&item).unwrap();
            ENTRY.with(|schema| assert_valid(schema, "a generated entry", &value));
            prop_assert_eq!(PostedEntry::try_from(item.clone()), Ok(posted.clone()));
            let marker = MarkerItem::from(&item);
            prop_assert_eq!(marker_key(posted.entry.id()), (marker.pk.clone(), marker.sk.clone()));
            let value = serde_json::to_value(&marker).unwrap();
            MARKER.with(|schema| assert_valid(schema, "a generated marker", &value));
            prop_assert_eq!(written_again::<MarkerItem>("a generated marker", &value), value);
        }
    }
}
