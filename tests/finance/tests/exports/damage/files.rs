//! Files that are not what the manifest lists.

use std::fs;

use tests_finance::{Part, check_export};

use super::sound;

#[tokio::test]
async fn a_renamed_file_is_missing_under_its_name_and_unknown_under_the_new_one() {
    let export = sound().await;
    let from = export.path("trial-balance.csv");
    fs::rename(&from, from.with_file_name("trial-balance (1).csv")).unwrap();
    let findings = export.findings();
    let said = findings.to_string();
    assert!(findings.has(Part::Files), "{said}");
    assert!(said.contains("trial-balance (1).csv is not in the manifest"), "{said}");
    assert!(said.contains("trial-balance.csv is in the manifest and not in the folder"), "{said}");
}

#[tokio::test]
async fn each_missing_file_is_noticed() {
    for (ending, part) in [
        ("v1.1.csv", Part::Lines),
        (".excel.csv", Part::Excel),
        ("journal.hledger", Part::Hledger),
        ("ledger.beancount", Part::Beancount),
        ("trial-balance.csv", Part::TrialBalance),
    ] {
        let export = sound().await;
        fs::remove_file(export.path(ending)).unwrap();
        let findings = export.findings();
        assert!(findings.has(Part::Files) && findings.has(part), "{ending}: {findings}");
    }
}

#[tokio::test]
async fn a_file_too_many_is_noticed() {
    let export = sound().await;
    fs::write(export.0.path().join("journal.hledger.bak"), "").unwrap();
    export.is_noticed_by(&[Part::Files]);
}

#[tokio::test]
async fn one_changed_byte_is_noticed_where_it_changes_nothing_that_is_said() {
    let export = sound().await;
    export.edit("journal.hledger", "; Check it", "; check it").is_noticed_by(&[Part::Files]);
}

#[tokio::test]
async fn a_file_that_ends_early_is_noticed() {
    for ending in ["v1.1.csv", ".excel.csv", "journal.hledger", "ledger.beancount", "trial-balance.csv"] {
        let export = sound().await;
        let text = export.text(ending);
        export.write(ending, &text[..text.len() / 2]);
        assert!(export.findings().has(Part::Files), "{ending}");
    }
}

#[test]
fn a_folder_that_is_not_there_is_no_verdict() {
    let error = check_export("no/such/folder".as_ref()).unwrap_err();
    assert_eq!(error.to_string(), "no/such/folder cannot be read");
}
