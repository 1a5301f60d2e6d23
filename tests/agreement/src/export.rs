//! `export/`: what an operator sends to `export-ledger`, and what comes back.

use std::collections::BTreeSet;

use adapters_memory::Memory;
use app::ports::{Journal, Posted};
use contracts::export::{ExportAnswer, ExportRequest};
use contracts::stored::{EntryItem, PostedEntry};
use domain::ids::CharityId;
use export_ledger::{ExportError, ExportLedger};
use serde_json::Value;
use tests_stage::Stage;

use crate::files::{document, examples, names_in};
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

const KINDS: [&str; 2] = ["answer", "request"];

fn schema(kind: &str) -> jsonschema::Validator {
    validator(&format!("export/{kind}.schema.json"))
}

fn again(kind: &str, name: &str, value: &Value) -> Value {
    match kind {
        "request" => written_again::<ExportRequest>(name, value),
        _ => written_again::<ExportAnswer>(name, value),
    }
}

#[test]
fn every_body_has_a_schema_and_examples_and_there_are_no_others() {
    assert_eq!(names_in("export"), ["answer.schema.json", "examples", "request.schema.json"]);
    for folder in ["valid", "invalid"] {
        assert_eq!(names_in(&format!("export/examples/{folder}")), KINDS, "{folder}");
    }
}

#[test]
fn every_valid_example_fits_its_schema_and_comes_back_as_it_was() {
    for kind in KINDS {
        let described = document(&format!("export/{kind}.schema.json"))["properties"].clone();
        for (name, value) in examples(&format!("export/examples/valid/{kind}")) {
            assert_valid(&schema(kind), &name, &value);
            let written = again(kind, &name, &value);
            assert_eq!(written, value, "{kind}/{name}");
            assert!(
                written.as_object().unwrap().keys().eq(described.as_object().unwrap().keys()),
                "{kind}/{name}"
            );
        }
    }
}

#[test]
fn every_invalid_example_is_refused_by_its_schema_and_by_its_type() {
    // Which texts are days is for the function to say, as it does below; nobody parses an
    // answer's digest.
    let read_all_the_same = [
        "answer/digest-too-short",
        "answer/no-file",
        "request/date-without-hyphens",
        "request/month-that-does-not-exist",
    ];
    let mut read = BTreeSet::new();
    for kind in KINDS {
        for (name, value) in examples(&format!("export/examples/invalid/{kind}")) {
            assert!(!schema(kind).is_valid(&value), "{kind}/{name} fits its schema");
            let fits = match kind {
                "request" => serde_json::from_value::<ExportRequest>(value).is_ok(),
                _ => serde_json::from_value::<ExportAnswer>(value).is_ok(),
            };
            if fits {
                read.insert(format!("{kind}/{name}"));
            }
        }
    }
    assert_eq!(read, read_all_the_same.map(str::to_owned).into());
}

fn exporter(world: &Memory) -> ExportLedger<Memory, Memory> {
    let charity = CharityId::parse("outpour-demo").unwrap();
    ExportLedger { journal: world.clone(), exports: world.clone(), charity, zone: "Europe/London".to_owned() }
}

#[tokio::test]
async fn what_the_function_takes_and_answers_fits_the_schemas() {
    let stage = Stage::new();
    for name in ["capture", "refund", "payout"] {
        let entry = document(&format!("stored/examples/valid/entry/{name}.json"));
        let entry: EntryItem = serde_json::from_value(entry).unwrap();
        assert_eq!(stage.world.post(&PostedEntry::try_from(entry).unwrap()).await.unwrap(), Posted::New);
    }
    let export = exporter(&stage.world);
    for (name, request) in examples("export/examples/valid/request") {
        let answer = export.run(&serde_json::from_value(request).unwrap()).await.unwrap();
        assert!(answer.entries > 0, "{name}");
        assert_valid(&schema("answer"), &name, &serde_json::to_value(answer).unwrap());
    }
    for (name, request) in examples("export/examples/invalid/request") {
        if let Ok(request) = serde_json::from_value(request) {
            assert!(matches!(export.run(&request).await, Err(ExportError::Refused(_))), "{name}");
        }
    }
}
