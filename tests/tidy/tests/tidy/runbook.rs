//! The runbook is followed: each of its headings by a test of its name, but for those listed here.

use std::collections::BTreeMap;
use std::fs;

use crate::files::{root, texts};

/// Where the tests are that follow it.
const FOLLOWED: &str = "tests/pipeline/tests/pipeline/runbook/";

/// Headings that no test follows, each with the reason: AWS alone raises the alarm.
const NOT_FOLLOWED: [(&str, &str); 3] = [
    ("A table is throttled", "DynamoDB alone counts what it holds back, and its capacity is what mends it"),
    ("Receipts bounce", "SES alone knows its sender's reputation, and counts it over days"),
    ("A new version fails", "CodeDeploy shifts the alias and takes it back; one machine has one version"),
];

/// The name of the test of a heading.
fn test_of(heading: &str) -> String {
    let letters = heading.chars().filter(|letter| *letter != '\'');
    letters.map(|letter| if letter.is_alphanumeric() { letter.to_ascii_lowercase() } else { '_' }).collect()
}

/// Headings that a test follows, as the tests write them: `name = "Heading"`.
fn followed() -> BTreeMap<String, String> {
    let mut followed = BTreeMap::new();
    for (file, text) in texts(&[".rs"]) {
        if !file.starts_with(FOLLOWED) {
            continue;
        }
        let listed = text.split("headings!(run:").nth(1).and_then(|rest| rest.split(");").next());
        for entry in listed.unwrap_or_default().split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
            let (test, heading) = entry.split_once(" = ").expect("a test and its heading");
            let heading = heading.trim_matches('"').to_owned();
            let twice = followed.insert(heading, test.to_owned());
            assert!(twice.is_none(), "{entry} is followed twice");
        }
    }
    followed
}

#[test]
fn every_heading_of_the_runbook_is_followed_by_a_test_of_its_name_or_listed_with_the_reason_why_not() {
    let runbook = fs::read_to_string(root().join("RUNBOOK.md")).expect("the runbook is there");
    let headings: Vec<&str> = runbook.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let mut followed = followed();
    assert!(!headings.is_empty() && !followed.is_empty());
    for heading in &headings {
        let reason = NOT_FOLLOWED.iter().find(|(name, _)| name == heading).map(|(_, reason)| *reason);
        match (followed.remove(*heading), reason) {
            (Some(test), None) => assert_eq!(test, test_of(heading)),
            (None, Some(reason)) => assert!(!reason.is_empty(), "{heading}: why?"),
            (Some(_), Some(_)) => panic!("{heading} is followed, and listed as if it could not be"),
            (None, None) => panic!("{heading} is neither followed nor listed"),
        }
    }
    assert!(followed.is_empty(), "no headings of the runbook: {followed:?}");
    for (name, _) in NOT_FOLLOWED {
        assert!(headings.contains(&name), "{name} is no heading of the runbook");
    }
}
