//! `stored/` and the items that lie in the tables.

use std::collections::BTreeSet;

use contracts::stored::{
    DonationItem, EntryItem, LEDGER_SHARDS, MarkerItem, NotificationItem, OWED_SHARDS, PostedEntry, marker_key,
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
            assert_eq!(donation.owed().is_nothing(), donation.next_check.is_none(), "looked at exactly while owing");
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
    // A reader takes items as any newer or older version of this code may have written them: it ignores attributes
    // that it does not know or need, and the tables' keys are what it asked for.
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
        let shown: BTreeSet<_> = examples.iter().filter_map(|(_, item)| item[part]["state"].as_str()).collect();
        assert_eq!(shown, states, "{part}");
    }
}

#[test]
fn every_attribute_is_described_and_every_described_attribute_is_written() {
    let described = |pointer: &str| -> BTreeSet<String> {
        let schema = document("stored/donation.schema.json");
        schema.pointer(pointer).unwrap().as_object().unwrap().keys().cloned().collect()
    };
    let items = examples("stored/examples/valid/donation");
    let written = |pointer: &str| -> BTreeSet<String> {
        items
            .iter()
            .filter_map(|(_, item)| item.pointer(pointer))
            .flat_map(|part| part.as_object().unwrap().keys().cloned())
            .collect()
    };
    assert_eq!(written(""), described("/properties"));
    assert_eq!(written("/donor"), described("/$defs/donor/properties"));
    assert_eq!(written("/donor/address"), described("/$defs/address/properties"));
    assert_eq!(written("/payment"), described("/$defs/payment/properties"));
    assert_eq!(written("/receipt"), described("/$defs/receipt/properties"));
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
    fn every_entry_and_its_marker_fit_their_schemas_and_come_back_as_they_were(donation in generated::donations()) {
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
