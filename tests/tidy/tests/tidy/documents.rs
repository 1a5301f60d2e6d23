//! Rules about documents.

use std::fs;

use crate::files::{root, texts};

fn document(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn the_changelog_has_dated_entries_under_known_headings() {
    let text = document("CHANGELOG.md");
    let mut entries = 0;
    for line in text.lines() {
        if let Some(date) = line.strip_prefix("## ") {
            let parts: Vec<_> = date.split('-').map(str::len).collect();
            assert_eq!(parts, [4, 2, 2], "an entry is headed by its date, not {date}");
            entries += 1;
        } else if let Some(heading) = line.strip_prefix("### ") {
            assert!(["Safety", "Features", "Internals"].contains(&heading), "there is no heading {heading}");
        }
    }
    assert!(entries > 0, "the changelog has no entry");
}

#[test]
fn every_decision_says_what_an_adr_must() {
    let decisions: Vec<_> =
        texts(&[".md"]).into_iter().filter(|(name, _)| name.starts_with("contracts/decisions/")).collect();
    assert!(!decisions.is_empty(), "no decision is written down");
    for (name, text) in decisions {
        for heading in ["Status", "Context", "Decision", "Rejected", "How to undo"] {
            assert!(text.contains(&format!("## {heading}")), "{name} lacks {heading}");
        }
    }
}

#[test]
fn the_architecture_names_every_room() {
    let text = document("ARCHITECTURE.md");
    for room in [
        "domain/",
        "contracts/",
        "functions/app/",
        "functions/kit/",
        "functions/adapters/",
        "functions/host/",
    ] {
        assert!(text.contains(room), "ARCHITECTURE.md does not mention {room}");
    }
    assert!(text.contains("Invariant"), "ARCHITECTURE.md states no invariant");
    assert!(text.lines().count() < 300, "ARCHITECTURE.md is for reading in one go");
}

#[test]
fn links_between_documents_lead_somewhere() {
    for (name, text) in texts(&[".md"]) {
        let folder = root().join(&name);
        let folder = folder.parent().expect("a file lies in a folder");
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let path = link.split('#').next().unwrap_or("");
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            assert!(folder.join(path).exists(), "{name} links to {path}, which is not there");
        }
    }
}
