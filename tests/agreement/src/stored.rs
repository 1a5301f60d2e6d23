//! `stored/` and the items that lie in the tables.

use std::collections::BTreeSet;

use contracts::stored::{
    DonationItem, EntryItem, LEDGER_SHARDS, MarkerItem, NotificationItem, OWED_SHARDS, PostedEntry,
    marker_key,
};
use domain::donation::Donation;
use domain::journal::{Account, EntryKind, JournalEntry, POSTINGS_MAX};
use domain::payment::ATTEMPTS_MAX;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::{document, examples, names_in};
use crate::generated;
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

const KINDS: [&str; 4] = ["donation", "entry", "marker", "notification"];

fn schema(kind: &str) -> jsonschema::Validator {
    validator(&format!("stored/{kind}.schema.json"))
}

/// Reads an item with all that its reader checks, and writes it again.
fn read(kind: &str, item: &Value) -> Result<Value, String> {
    let item = item.clone();
    let words = |error: serde_json::Error| error.to_string();
    let written = match kind {
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
        _ => serde_json::to_value(serde_json::from_value::<NotificationItem>(item).map_err(words)?),
    };
    Ok(written.unwrap())
}

#[test]
fn every_item_has_a_schema_and_examples_and_there_are_no_others() {
    let mut files: Vec<_> = KINDS.iter().map(|kind| format!("{kind}.schema.json")).collect();
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
        "donation/accepted-with-attempt",
        "donation/card-number-beside-the-token",
        "donation/next-check-without-shard",
        "entry/day-that-does-not-exist",
        "entry/shard-out-of-range",
        "marker/hash-in-capitals",
        "marker/pk-of-an-entry",
        "notification/id-without-provider",
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

#[test]
fn every_attribute_is_described_and_every_described_attribute_is_written() {
    let parts = [
        ("donation", "", "/properties"),
        ("donation", "/donor", "/$defs/donor/properties"),
        ("donation", "/donor/address", "/$defs/address/properties"),
        ("donation", "/payment", "/$defs/payment/properties"),
        ("donation", "/receipt", "/$defs/receipt/properties"),
        ("entry", "", "/properties"),
        ("entry", "/lines/0", "/$defs/line/properties"),
        ("marker", "", "/properties"),
        ("notification", "", "/properties"),
    ];
    for (kind, part, described) in parts {
        let schema = document(&format!("stored/{kind}.schema.json"));
        let described = schema.pointer(described).unwrap().as_object().unwrap();
        let described: BTreeSet<String> = described.keys().cloned().collect();
        let mut written = BTreeSet::new();
        for (name, item) in examples(&format!("stored/examples/valid/{kind}")) {
            let item = read(kind, &item).unwrap_or_else(|refusal| panic!("{kind}/{name}: {refusal}"));
            if let Some(Value::Object(part)) = item.pointer(part) {
                written.extend(part.keys().cloned());
            }
        }
        assert_eq!(written, described, "{kind}{part}");
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
        let derived = |kind| JournalEntry::of(&donation, kind).map(|entry| entry.id().clone());
        for (booked, kind) in
            [(&donation.capture_entry, EntryKind::Capture), (&donation.return_entry, EntryKind::Return)]
        {
            assert!(booked.is_none() || *booked == derived(kind), "{name}");
        }
    }
    for (name, marker) in examples("stored/examples/valid/marker") {
        let entry = document(&format!("stored/examples/valid/entry/{name}.json"));
        let entry: EntryItem = serde_json::from_value(entry).unwrap();
        assert_eq!(serde_json::to_value(MarkerItem::from(&entry)).unwrap(), marker, "{name}");
    }
}

#[test]
fn every_bound_in_a_schema_is_the_bound_in_code() {
    let donation = document("stored/donation.schema.json");
    assert_eq!(donation["properties"]["owed_shard"]["maximum"], OWED_SHARDS - 1);
    assert_eq!(donation["$defs"]["payment"]["properties"]["attempt"]["maximum"], ATTEMPTS_MAX);
    let entry = document("stored/entry.schema.json");
    assert_eq!(entry["properties"]["lines"]["maxItems"], POSTINGS_MAX);
    let pk = validator("stored/entry.schema.json#/properties/pk");
    for shard in 0..=99 {
        let key = contracts::stored::day_partition("2026-11-20", shard);
        assert_eq!(pk.is_valid(&json!(key)), shard < LEDGER_SHARDS, "{key}");
    }
}

#[test]
fn every_kind_of_entry_and_every_account_is_in_the_schema() {
    let entry = document("stored/entry.schema.json");
    assert_eq!(entry["properties"]["kind"]["enum"], json!(EntryKind::ALL.map(EntryKind::name)));
    let account = validator("stored/entry.schema.json#/$defs/line/properties/account");
    let clearing = domain::currency::Currency::all()
        .map(|currency| Account::ClearingBalance(domain::ids::Provider::Stripe, currency));
    for known in clearing.chain([Account::Donations, Account::Refunds]) {
        assert!(account.is_valid(&json!(known.path())), "{}", known.path());
    }
    assert!(!account.is_valid(&json!("Assets:Clearing:Stripe:GBP")));
}

/// An entry for whatever of the donation's effects has happened.
fn posted(donation: &Donation, kind: EntryKind) -> Option<PostedEntry> {
    JournalEntry::of(donation, kind).map(|entry| PostedEntry {
        posted_at: entry.subject().occurred_at,
        business_date: "2026-11-20".to_owned(),
        value_date: "2026-11-19".to_owned(),
        entry,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

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
    ) {
        thread_local! {
            static ENTRY: jsonschema::Validator = schema("entry");
            static MARKER: jsonschema::Validator = schema("marker");
        }
        for posted in EntryKind::ALL.into_iter().filter_map(|kind| posted(&donation, kind)) {
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
