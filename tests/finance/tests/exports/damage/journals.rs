//! Damage to the journals, with new digests: what the tools refuse, and what only a comparison shows.

use tests_finance::Part;

use super::{Export, sound};

const FILES: [(&str, Part, &str); 2] = [
    ("journal.hledger", Part::Hledger, "hledger check --strict: "),
    ("ledger.beancount", Part::Beancount, "bean-check: "),
];

const CLEARING: &str = "Assets:Clearing:Stripe:GBP:Balance  ";
const INCOME: &str = "Income:Donations:Unrestricted:General  ";

/// The tool itself refuses the journal.
#[track_caller]
fn is_refused(export: &Export, part: Part, tool: &str) {
    let findings = export.sign().findings();
    assert!(
        findings.iter().any(|finding| finding.part == part && finding.message.starts_with(tool)),
        "{findings}"
    );
}

#[tokio::test]
async fn a_penny_is_refused_in_one_posting_and_in_both() {
    for (file, part, tool) in FILES {
        let export = sound().await;
        let one = format!("{CLEARING}10.00 GBP");
        export.edit(file, &one, &format!("{CLEARING}10.01 GBP"));
        is_refused(&export, part, tool);
        export.edit(file, &format!("{INCOME}-10.00 GBP"), &format!("{INCOME}-10.01 GBP"));
        is_refused(&export, part, tool);
    }
}

#[tokio::test]
async fn a_tenth_of_a_penny_is_refused() {
    for (file, part, tool) in FILES {
        let export = sound().await;
        export.edit(file, &format!("{CLEARING}10.00 GBP"), &format!("{CLEARING}10.001 GBP"));
        is_refused(&export, part, tool);
    }
}

#[tokio::test]
async fn an_entry_that_is_gone_or_there_twice_is_refused() {
    for (file, part, tool) in FILES {
        let export = sound().await;
        let text = export.text(file);
        let entries: Vec<_> = text.split("\n\n").collect();
        let at = entries.iter().position(|entry| entry.contains(&format!("{INCOME}-500 JPY"))).unwrap();
        export.write(file, &[&entries[..at], &entries[at + 1..]].concat().join("\n\n"));
        is_refused(&export, part, tool);
        export.write(file, &[&entries[..=at], &entries[at..]].concat().join("\n\n"));
        is_refused(&export, part, tool);
    }
}

#[tokio::test]
async fn an_entry_on_another_day_is_refused() {
    for (file, part, tool) in FILES {
        let entry = if part == Part::Hledger { " * (je_" } else { " * \"donation" };
        // The second moves where nothing was ever posted to its account, the third out of the period.
        for (from, to) in
            [("2026-11-20", "2026-11-21"), ("2026-11-21", "2026-11-20"), ("2026-11-20", "2026-11-18")]
        {
            let export = sound().await;
            export.edit(file, &format!("\n{from}{entry}"), &format!("\n{to}{entry}"));
            is_refused(&export, part, tool);
        }
    }
}

#[tokio::test]
async fn an_account_or_a_currency_that_was_not_declared_is_refused() {
    for (file, part, tool) in FILES {
        for (from, to) in [("Donations", "Donation"), (" JPY", " JPX")] {
            let export = sound().await;
            let posting = format!("{INCOME}-500 JPY");
            export.edit(file, &posting, &posting.replace(from, to));
            is_refused(&export, part, tool);
        }
    }
}

/// Both entries still balance and so does the day: the tools accept it, the comparison with the lines does
/// not.
#[tokio::test]
async fn the_amounts_of_two_entries_exchanged_are_noticed() {
    for (file, part, tool) in FILES {
        let export = sound().await;
        let text = export.text(file);
        let day_end = text
            .find(if part == Part::Hledger { "balances at the end" } else { "2026-11-21 balance" })
            .unwrap();
        let (first_day, rest) = text.split_at(day_end);
        let exchanged = first_day
            .replace("25.00 GBP", "X GBP")
            .replace("10.00 GBP", "25.00 GBP")
            .replace("X GBP", "10.00 GBP");
        assert_ne!(first_day, exchanged);
        export.write(file, &format!("{exchanged}{rest}"));
        let findings = export.sign().is_noticed_by(&[part]);
        assert!(!findings.to_string().contains(tool), "{findings}");
        assert!(findings.to_string().contains("times and in the lines"), "{findings}");
    }
}

#[tokio::test]
async fn an_entry_that_no_line_has_is_noticed_where_it_changes_no_balance() {
    let export = sound().await;
    export.edit(
        "journal.hledger",
        "\n2026-11-20 * balances at the end",
        &format!(
            "
2026-11-20 * (je_000000000000000000000000) donation captured
    {CLEARING}5.00 GBP
    {CLEARING}-5.00 GBP

2026-11-20 * balances at the end"
        ),
    );
    export.sign().is_noticed_by(&[Part::Hledger, Part::Manifest]);
}
