//! Ledgers that tools like to misread.

use domain::ids::{Appeal, CharityId, ProviderReference};
use domain::journal::EntryKind;
use tests_finance::check_export;

use super::ledgers::{CAPTURE, MIDNIGHT, Sketch, download, expected, export, journal, run, sorted};

const DAY: u64 = 86_400_000;

#[tokio::test]
async fn currencies_of_every_scale_agree_to_the_last_decimal() {
    let amounts = [
        ("GBP", 1),
        ("GBP", 9_223_372_036_854_775_807),
        ("GBP", 9_223_372_036_854_775_807),
        ("JPY", 500),
        ("BHD", 1),
        ("KWD", 1_250),
        ("CLF", 12_345),
        ("USD", 99_999_999),
        ("UGX", 7),
    ];
    let captures = amounts.iter().zip(1..).map(|(&(currency, minor), donation)| Sketch {
        donation,
        minor,
        currency,
        ..CAPTURE
    });
    let mut sketches: Vec<_> = captures.collect();
    // All of the dinars go back, so that an account ends at nothing.
    sketches.push(Sketch {
        kind: EntryKind::Refund,
        posted_at: MIDNIGHT + DAY,
        date: "2026-11-21",
        ..sketches[4].clone()
    });
    let entries: Vec<_> = sketches.iter().map(Sketch::entry).collect();
    let (folder, answer) = export(&entries, ("2026-11-20", "2026-11-21")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!(sorted(report.balances.clone()), expected(&sketches));
    assert_eq!(report.balance("Assets:Clearing:Stripe:GBP:Balance", "GBP"), Some("184467440737095516.15"));
    assert_eq!(report.balance("Assets:Clearing:Stripe:JPY:Balance", "JPY"), Some("500"));
    assert_eq!(report.balance("Assets:Clearing:Stripe:BHD:Balance", "BHD"), Some("0.000"));
    assert_eq!(report.balance("Assets:Clearing:Stripe:CLF:Balance", "CLF"), Some("1.2345"));
    assert_eq!((report.entries, report.lines, &report.manifest_sha256), (10, 20, &answer.manifest_sha256));
}

#[tokio::test]
async fn texts_that_mean_something_to_a_tool_stay_texts() {
    let every_sign: String = ('!'..='~').collect();
    let references = [
        "=1+1",
        "=cmd|'/C calc'!A0",
        "+44",
        "-1+1",
        "@SUM(A1)",
        "'quoted'",
        r#"""""#,
        r#"=1+1,"\;[2026-13-45]"#,
        r"\\\",
        ";a:b,c",
        "|#*!~%d{}$(x)",
        "0012",
        "1/2",
        &every_sign,
    ];
    let references: Vec<_> = references.iter().map(|text| text.replace(' ', "_")).collect();
    let appeals =
        ["0012", "1-2", "true", "1e5", "may-2026", "null", "2026-11-20", "--", "e", "12345678901234567890"];
    let appeals: Vec<_> = appeals.into_iter().filter(|text| Appeal::parse(text).is_ok()).collect();
    assert_eq!(appeals.len(), 9);
    let sketches: Vec<_> = references
        .iter()
        .zip(appeals.iter().cycle())
        .zip(1..)
        .map(|((reference, appeal), donation)| Sketch { donation, appeal, reference, ..CAPTURE })
        .collect();
    let entries: Vec<_> = sketches.iter().map(Sketch::entry).collect();
    let (folder, _) = export(&entries, ("2026-11-20", "2026-11-20")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!(sorted(report.balances), expected(&sketches));
}

#[test]
fn texts_that_no_tool_could_keep_never_reach_the_ledger() {
    for text in ["Rød Næse", "🎁", "a\"b", "a;b", "=1+1", "a b", "a\nb", "-a", "Red-Nose", "", "a,b"] {
        assert!(Appeal::parse(text).is_err() && CharityId::parse(text).is_err(), "{text:?}");
    }
    for text in ["pi 1", "pi_🎁", "pi_é", "pi\n1", "pi\u{0}1", "pi\u{202e}1"] {
        assert!(ProviderReference::parse(text).is_err(), "{text:?}");
    }
}

#[tokio::test]
async fn a_period_without_entries_is_a_sound_export() {
    let (folder, _) = export(&[], ("2026-11-20", "2026-11-22")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!((report.entries, report.lines, report.balances.len()), (0, 0, 0));
}

#[tokio::test]
async fn a_year_with_entries_on_its_first_and_last_day_is_a_sound_export() {
    let first = Sketch { date: "2028-01-01", ..CAPTURE };
    let last = Sketch { date: "2028-12-31", donation: 2, posted_at: MIDNIGHT + 366 * DAY, ..CAPTURE };
    let (folder, _) = export(&[first.entry(), last.entry()], ("2028-01-01", "2028-12-31")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!(report.balance("Assets:Clearing:Stripe:GBP:Balance", "GBP"), Some("50.00"));
}

#[tokio::test]
async fn charities_share_a_bucket_and_nothing_else() {
    let (pounds, yen) = (CAPTURE, Sketch { currency: "JPY", ..CAPTURE });
    let (first, second) = (journal(&[pounds.entry()]).await, journal(&[yen.entry()]).await);
    let period = ("2026-11-20", "2026-11-20");
    let in_first = run(&first, &first, "example-trust", period).await;
    let in_second = run(&second, &first, "another-example", period).await;
    for (answer, charity, sketch) in
        [(in_first, "example-trust", pounds), (in_second, "another-example", yen)]
    {
        let report = check_export(download(&first, &answer).path()).unwrap();
        assert_eq!((&*report.charity, sorted(report.balances)), (charity, expected([&sketch])));
    }
}

/// Ten thousand entries in five currencies and three days, every seventh of them returned.
#[tokio::test]
async fn ten_thousand_entries_agree_to_the_penny() {
    let currencies = ["GBP", "EUR", "JPY", "KWD", "USD"];
    let dates = ["2026-11-20", "2026-11-21", "2026-11-22"];
    let mut sketches = Vec::new();
    for number in 0_u64.. {
        let at = usize::try_from(number).unwrap();
        let day = number % 3;
        let capture = Sketch {
            donation: number,
            minor: 1 + number * 7919 % 99_999,
            currency: currencies[at % 5],
            date: dates[at % 3],
            posted_at: MIDNIGHT + day * DAY + number % 50,
            ..CAPTURE
        };
        if number % 7 == 0 {
            sketches.push(Sketch { kind: EntryKind::Refund, ..capture.clone() });
        }
        sketches.push(capture);
        if sketches.len() >= 10_000 {
            break;
        }
    }
    let entries: Vec<_> = sketches.iter().map(Sketch::entry).collect();
    let (folder, _) = export(&entries, ("2026-11-20", "2026-11-22")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!(report.entries, u64::try_from(sketches.len()).unwrap());
    assert_eq!(sorted(report.balances), expected(&sketches));
}
