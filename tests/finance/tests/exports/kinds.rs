//! Every kind of entry, and every account of the chart.

use std::collections::BTreeSet;
use std::fs;

use domain::ids::Provider;
use domain::journal::EntryKind;
use tests_finance::check_export;

use super::ledgers::{CAPTURE, MIDNIGHT, Sketch, expected, export, sorted};

/// One entry of each kind, each with an amount of its own.
pub(crate) fn of_each_kind() -> Vec<Sketch<'static>> {
    let references =
        ["pi_1", "re_1", "re_2", "du_1", "du_2", "du_3", "txn_1", "txn_2", "po_1", "po_2", "txn_3"];
    EntryKind::ALL
        .into_iter()
        .zip(references)
        .zip(1..)
        .map(|((kind, reference), number)| Sketch {
            kind,
            reference,
            donation: number,
            minor: 1_000 << number,
            posted_at: MIDNIGHT + number,
            ..CAPTURE
        })
        .collect()
}

#[tokio::test]
async fn every_kind_of_entry_of_every_provider_and_currency_is_exported_soundly() {
    let of = |provider, currency| {
        of_each_kind().into_iter().map(move |sketch| Sketch { provider, currency, ..sketch })
    };
    let gocardless = Provider::of("gocardless");
    let sketches: Vec<_> =
        [of(Provider::STRIPE, "GBP"), of(gocardless, "GBP")].into_iter().flatten().collect();
    // The same payment ids, of other donations.
    let yen = of(Provider::STRIPE, "JPY").map(|sketch| match sketch.kind {
        kind if kind.is_payout() || kind == EntryKind::Suspense => Sketch { reference: "yen_1", ..sketch },
        _ => Sketch { donation: sketch.donation + 100, ..sketch },
    });
    let gocardless_ids = ["PM1", "RF1", "RF2", "MD1", "MD2", "MD3", "EV1", "EV2", "PO1", "PO2", "EV3"];
    let renamed = sketches.into_iter().zip(0_usize..).map(|(sketch, at)| match at.checked_sub(11) {
        Some(at) => Sketch { reference: gocardless_ids[at], ..sketch },
        None => sketch,
    });
    let sketches: Vec<_> = renamed.chain(yen).collect();
    let entries: Vec<_> = sketches.iter().map(Sketch::entry).collect();
    let (folder, _) = export(&entries, ("2026-11-20", "2026-11-20")).await;
    let report = check_export(folder.path()).unwrap();
    assert_eq!(sorted(report.balances.clone()), expected(&sketches));
    // Each dispute that opens has two more lines, for its fee.
    assert_eq!((report.entries, report.lines), (33, 33 * 2 + 3 * 2));
    let trial = fs::read_to_string(folder.path().join("trial-balance.csv")).unwrap();
    let codes: BTreeSet<_> =
        trial.lines().filter_map(|row| row.strip_prefix("account,")?.split(',').next()).collect();
    let shared = ["4010", "4110", "4210"];
    let stripe = ["1110", "1111", "1112", "2901", "5110", "5111"];
    let gocardless = ["1120", "1121", "1122", "2902", "5120", "5121"];
    assert_eq!(codes, [&shared[..], &stripe, &gocardless].concat().into_iter().collect());
}
