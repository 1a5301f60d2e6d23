use std::fs;
use std::path::{Path, PathBuf};

use super::*;

fn examples(which: &str) -> Vec<(String, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../contracts/events/examples").join(which);
    let entries =
        |path: &Path| fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let kinds = entries(&folder);
    let of_kind = |kind: PathBuf| {
        let name = kind.file_name().unwrap().to_str().unwrap().to_owned();
        entries(&kind).into_iter().map(move |file| (name.clone(), file))
    };
    let examples: Vec<_> = kinds.into_iter().flat_map(of_kind).collect();
    assert!(examples.len() > 5, "{}", folder.display());
    examples
}

#[test]
fn every_valid_example_of_the_contract_is_let_through_and_every_invalid_one_is_refused_by_its_field() {
    for (kind, file) in examples("valid") {
        let checked = check(&fs::read_to_string(&file).unwrap(), std::slice::from_ref(&kind));
        assert_eq!(checked.unwrap_or_else(|why| panic!("{}: {why}", file.display())).kind, kind);
    }
    for (kind, file) in examples("invalid") {
        let refused = check(&fs::read_to_string(&file).unwrap(), &[kind]).unwrap_err();
        assert!(refused.field.starts_with('/'), "{}: {refused}", file.display());
    }
}

#[test]
fn what_is_no_message_is_refused_with_the_field_and_without_the_value() {
    let kinds = ["payment.captured.v1".to_owned()];
    let good = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../contracts/events/examples/valid/payment.captured.v1/traced.json"),
    )
    .unwrap();
    let with = |name: &str, value: Value| {
        let mut body: Value = serde_json::from_str(&good).unwrap();
        body[name] = value;
        body.to_string()
    };
    for (body, field) in [
        ("not JSON".to_owned(), "body"),
        (String::new(), "body"),
        ("[]".to_owned(), "body"),
        ("{}".to_owned(), "/type"),
        (with("type", "invented.v1".into()), "/type"),
        (with("type", 5.into()), "/type"),
        (with("donation_id", "Ada Example".into()), "/donation_id"),
        (with("occurred_at", "2026-11-20T20:00:00+01:00".into()), "/occurred_at"),
        (with("traceparent", "00-1".into()), "/traceparent"),
        (with("donor", "ada@example.org".into()), "/donor"),
    ] {
        let refused = check(&body, &kinds).unwrap_err();
        assert_eq!(refused.field, field, "{body}");
        assert!(!refused.to_string().contains("Ada") && !refused.to_string().contains("ada@"), "{refused}");
    }
}

#[test]
fn the_shipped_queues_take_the_types_that_reach_them() {
    let topology = Topology::shipped();
    for (queue, settings) in &topology.queues {
        assert!(!kinds_of(&topology, queue).is_empty(), "{queue} {settings:?}");
    }
    assert_eq!(kinds_of(&topology, "payments"), ["donation.accepted.v1"]);
    assert_eq!(kinds_of(&topology, "notifications"), [WEBHOOK_RECEIVED]);
}
