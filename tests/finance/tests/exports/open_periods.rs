//! Exporting a day that is not over.

use std::collections::BTreeSet;

use tests_finance::check_export;

use super::ledgers::{CAPTURE, Sketch, download, expected, journal, post, run, sorted};

const TODAY: (&str, &str) = ("2026-11-20", "2026-11-20");

#[tokio::test]
async fn a_day_is_exported_twice_with_more_entries_in_between_and_both_exports_stay() {
    let journal = journal(&[CAPTURE.entry()]).await;
    let first = run(&journal, &journal, "example-trust", TODAY).await;
    let more = Sketch { donation: 2, minor: 1, ..CAPTURE };
    post(&journal, &[more.entry()]).await;
    let second = run(&journal, &journal, "example-trust", TODAY).await;

    let keys: BTreeSet<_> = first.keys.iter().chain(&second.keys).collect();
    assert_eq!((keys.len(), first.entries, second.entries), (12, 1, 2));
    let earlier = check_export(download(&journal, &first).path()).unwrap();
    let later = check_export(download(&journal, &second).path()).unwrap();
    assert_eq!(sorted(earlier.balances), expected([&CAPTURE]));
    assert_eq!(sorted(later.balances), expected([&CAPTURE, &more]));
}

#[tokio::test]
async fn a_day_that_has_not_changed_gives_the_same_export() {
    let journal = journal(&[CAPTURE.entry()]).await;
    let first = run(&journal, &journal, "example-trust", TODAY).await;
    let again = run(&journal, &journal, "example-trust", TODAY).await;
    assert_eq!(first, again);
}
