//! Damage to the two tables of lines and to the trial balance, with new digests.

use tests_finance::Part;

use super::super::ledgers::{CAPTURE, MIDNIGHT, Sketch};
use super::{sound, sound_with};

#[tokio::test]
async fn a_penny_in_the_machine_file_is_noticed() {
    let export = sound().await;
    export.edit("v1.1.csv", ",10.00,,10.00,", ",10.01,,10.01,");
    export.is_noticed_by(&[
        Part::Files,
        Part::Manifest,
        Part::Lines,
        Part::Excel,
        Part::TrialBalance,
        Part::Hledger,
        Part::Beancount,
    ]);
}

#[tokio::test]
async fn a_penny_in_both_lines_of_an_entry_is_noticed_though_it_balances() {
    let export = sound().await;
    for file in ["v1.1.csv", ".excel.csv"] {
        export.edit(file, ",10.00,,10.00,", ",10.01,,10.01,").edit(
            file,
            ",,10.00,-10.00,",
            ",,10.01,-10.01,",
        );
    }
    let findings = export.sign().is_noticed_by(&[
        Part::Manifest,
        Part::Lines,
        Part::TrialBalance,
        Part::Hledger,
        Part::Beancount,
    ]);
    let said = findings.to_string();
    assert!(said.contains("its entry_hash is not the one of its content"), "{said}");
}

#[tokio::test]
async fn a_line_or_an_entry_that_is_gone_is_noticed() {
    for lines in 1..=2 {
        let export = sound().await;
        for file in ["v1.1.csv", ".excel.csv"] {
            let text = export.text(file);
            let kept: Vec<_> = text.split_inclusive("\r\n").collect();
            export.write(file, &kept[..kept.len() - lines].concat());
        }
        let findings = export.sign().findings();
        assert!(findings.has(Part::Manifest) && findings.has(Part::TrialBalance), "{findings}");
        assert!(findings.has(Part::Hledger) && findings.has(Part::Beancount), "{findings}");
        assert_eq!(findings.has(Part::Lines), lines == 1, "{findings}");
    }
}

#[tokio::test]
async fn a_text_that_no_figure_depends_on_is_noticed() {
    for (from, to) in [("red-nose", "red-hose"), ("pi_example_1", "pi_example_2"), ("=1+1", "=1+2")] {
        let export = sound().await;
        export.edit_all("v1.1.csv", from, to).edit_all(".excel.csv", from, to);
        let findings = export.sign().is_noticed_by(&[Part::Lines]);
        assert!(findings.to_string().contains("its entry_hash is not") || from != "red-nose", "{findings}");
    }
}

#[tokio::test]
async fn a_machine_file_in_another_form_is_noticed() {
    for (from, to) in [
        ("business_date,value_date", "value_date,business_date"),
        ("business_date", "\u{feff}business_date"),
        (",=1+1,", ",'=1+1,"),
        ("\r\n", "\n"),
        (",25.00,,25.00,", ",25.0,,25.0,"),
        (",500,,500,", ",500.00,,500.00,"),
        (",25.00,,25.00,", ",25.00,,-25.00,"),
        (",25.00,,25.00,", ",25.00,25.00,0.00,"),
        ("2026-11-20T00:00:00.000Z", "2026-11-20T00:00:00.000+00:00"),
        ("2026-11-20,2026-11-19,", "2026-11-20,19/11/2026,"),
        (",unrestricted,general,red-nose,", ",,,red-nose,"),
        (",1,capture,1110,", ",3,capture,1110,"),
    ] {
        let export = sound().await;
        let findings = export.edit("v1.1.csv", from, to).sign().findings();
        assert!(findings.has(Part::Lines), "{from}: {findings}");
    }
}

#[tokio::test]
async fn an_excel_file_that_would_open_as_something_else_is_noticed() {
    for (from, to) in [
        ("\u{feff}", ""),
        ("\r\n", "\n"),
        (",'=1+1,", ",=1+1,"),
        (",'0012,", ",0012,"),
        (",'0012,", ",12,"),
        (",-25.00,", ",'-25.00,"),
        (",1110,", ",01110,"),
        (",25.00,,25.00,", ",25.01,,25.01,"),
    ] {
        let export = sound().await;
        export.edit(".excel.csv", from, to).sign().is_noticed_by(match from {
            // Without rows there is nothing to count.
            "\u{feff}" | "\r\n" => &[Part::Excel, Part::Manifest],
            _ => &[Part::Excel],
        });
    }
}

#[tokio::test]
async fn a_penny_in_the_trial_balance_is_noticed() {
    let export = sound().await;
    export.edit("trial-balance.csv", ",35.00,25.00,10.00", ",35.01,25.00,10.01");
    export.sign().is_noticed_by(&[Part::Manifest, Part::TrialBalance, Part::Hledger, Part::Beancount]);
    let export = sound().await;
    export.edit("trial-balance.csv", ",60.00,60.00,0.00", ",60.01,60.01,0.00");
    export.sign().is_noticed_by(&[Part::TrialBalance]);
    let export = sound().await;
    export.edit("trial-balance.csv", ",35.00,25.00,10.00", ",35.00,25.00,10.01");
    assert!(export.sign().findings().has(Part::TrialBalance));
}

#[tokio::test]
async fn a_row_of_the_trial_balance_that_is_gone_or_there_twice_is_noticed() {
    let export = sound().await;
    let text = export.text("trial-balance.csv");
    let rows: Vec<_> = text.split_inclusive("\r\n").collect();
    export.write("trial-balance.csv", &[&rows[..1], &rows[2..]].concat().concat());
    export.sign().is_noticed_by(&[Part::Manifest, Part::TrialBalance, Part::Hledger, Part::Beancount]);
    export.write("trial-balance.csv", &[&rows[..2], &rows[1..]].concat().concat());
    assert!(export.sign().findings().has(Part::TrialBalance));
}

/// Every table says one thing and both journals another, each soundly.
#[tokio::test]
async fn journals_of_another_ledger_are_noticed() {
    let (export, other) =
        (sound().await, Sketch { donation: 3, minor: 1001, posted_at: MIDNIGHT + 2, ..CAPTURE });
    let other = sound_with(other).await;
    for file in ["journal.hledger", "ledger.beancount"] {
        export.write(file, &other.text(file));
    }
    let findings = export.sign().is_noticed_by(&[Part::Hledger, Part::Beancount]);
    assert!(!findings.to_string().contains("hledger check") && !findings.to_string().contains("bean-check"));
}
