//! What becomes of a request.

use contracts::export::ExportAnswer;
use lambda_runtime::{Context, Diagnostic, LambdaEvent};

use super::ledgers::{CAPTURE, Sketch, exporter, request, tiny};
use crate::tables::guard::guarded;
use crate::{Config, ExportError, handle};

#[tokio::test]
async fn an_answer_names_every_file_and_the_manifest_last() {
    let export = exporter(tiny());
    let event = LambdaEvent::new(request("2026-11-20", "2026-11-21"), Context::default());
    let ExportAnswer { keys, entries, manifest_sha256 } = handle(&export, event).await.unwrap();
    assert_eq!(entries, 4);
    assert_eq!(keys.len(), 6);
    let folder = format!("v1/example-trust/2026-11-20_2026-11-21/{}/", &manifest_sha256[..12]);
    assert!(keys.iter().all(|key| key.starts_with(&folder)), "{keys:?}");
    assert!(keys[5].ends_with("/manifest.json"));
    let kept = export.exports.0.borrow();
    assert!(kept.keys().eq(&std::collections::BTreeSet::from_iter(keys.clone())));
    let digest = <sha2::Sha256 as sha2::Digest>::digest(&kept[&keys[5]]);
    assert_eq!(manifest_sha256, data_encoding::HEXLOWER.encode(&digest));
}

#[tokio::test]
async fn a_second_export_is_the_same_and_changes_nothing() {
    let export = exporter(tiny());
    let first = export.run(&request("2026-11-20", "2026-11-21")).await.unwrap();
    let kept = export.exports.0.borrow().clone();
    let second = export.run(&request("2026-11-20", "2026-11-21")).await.unwrap();
    assert_eq!(first, second);
    assert_eq!(kept, *export.exports.0.borrow());
}

#[tokio::test]
async fn a_period_that_is_still_open_is_exported_again_beside_the_first() {
    let mut export = exporter(tiny());
    let first = export.run(&request("2026-11-20", "2026-11-20")).await.unwrap();
    let kept = export.exports.0.borrow().clone();
    export.journal.0.push(Sketch { donation: 'z', ..CAPTURE }.entry());
    let second = export.run(&request("2026-11-20", "2026-11-20")).await.unwrap();
    assert_eq!((first.entries, second.entries), (2, 3));
    let together = export.exports.0.borrow();
    assert_eq!(together.len(), 12);
    assert!(kept.iter().all(|(key, bytes)| together[key] == *bytes));
}

#[tokio::test]
async fn an_export_never_replaces_what_was_exported() {
    let export = exporter(tiny());
    let answer = export.run(&request("2026-11-20", "2026-11-20")).await.unwrap();
    export.exports.0.borrow_mut().get_mut(&answer.keys[3]).unwrap().push(b' ');
    let kept = export.exports.0.borrow().clone();
    let error = export.run(&request("2026-11-20", "2026-11-20")).await.unwrap_err();
    assert!(matches!(error, ExportError::Fault(_)), "{error}");
    let Diagnostic { error_type, error_message } = error.into();
    assert_eq!(error_type, "Fault");
    assert_eq!(error_message, "cannot keep an export: other bytes are there");
    assert_eq!(kept, *export.exports.0.borrow());
}

#[tokio::test]
async fn a_period_without_entries_has_all_its_files() {
    let export = exporter(Vec::new());
    let answer = export.run(&request("2026-11-20", "2026-11-21")).await.unwrap();
    assert_eq!((answer.entries, answer.keys.len()), (0, 6));
}

#[test]
fn a_text_that_would_run_as_a_formula_is_guarded() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\0=1"] {
        assert_eq!(guarded(text.to_owned()), format!("'{text}"));
    }
}

#[test]
fn a_text_that_would_become_a_number_or_a_date_is_guarded() {
    let texts = ["0012", "1-2", "1/2", "1e5", "2026-11-20", "may-2026", "3-Sept", "true", "FALSE", "12:30pm"];
    for text in texts.into_iter().chain(["12345678901234567890", "2026-11-20t10:00z", "50%", "(5)"]) {
        assert_eq!(guarded(text.to_owned()), format!("'{text}"));
    }
}

#[test]
fn a_text_that_stays_what_it_is_is_left_alone() {
    let texts =
        ["", "red-nose", "a=1", "'=1", "may", "pi_1", "24-7-appeal", "2-for-1", "2b", "march-on-2026"];
    for text in texts.into_iter().chain(["unrestricted", "aaaa22222222222222222222e5"]) {
        assert_eq!(guarded(text.to_owned()), text);
    }
}

#[test]
fn a_configuration_names_every_mistake() {
    let read = |values: [(&str, &str); 4]| {
        let values = values.map(|(key, value)| (key.to_owned(), value.to_owned()));
        Config::read(&kit::environment::Environment::of(values))
    };
    let good = [("LEDGER_TABLE", "ledger"), ("EXPORTS_BUCKET", "exports"), ("LEDGER_ZONE", "Europe/London")];
    let [table, bucket, zone] = good;
    assert!(read([table, bucket, zone, ("CHARITY", "example-trust")]).is_ok());
    let error = read([table, bucket, ("LEDGER_ZONE", "Europe/Londn"), ("CHARITY", "Example")]).unwrap_err();
    assert_eq!(error.mistakes.len(), 2);
    assert!(error.mistakes[0].starts_with("LEDGER_ZONE must be the IANA name"), "{error}");
    assert!(error.mistakes[1].starts_with("CHARITY must be"), "{error}");
}
