//! What holds for every ledger.

use std::collections::BTreeMap;

use domain::journal::EntryKind;
use proptest::prelude::*;
use rust_decimal::Decimal;

use contracts::stored::PostedEntry;

use super::ledgers::{MIDNIGHT, Sketch, exporter, request};

/// Ledgers of up to 30 entries in three days and currencies, with moments that collide.
fn ledgers() -> impl Strategy<Value = Vec<PostedEntry>> {
    let currencies = prop::sample::select(vec!["GBP", "JPY", "KWD"]);
    let appeals = prop::sample::select(vec!["red-nose", "0012", "1-2", "2026-11-20", "1e5", "true", "null"]);
    let kinds = prop::sample::select(EntryKind::ALL.to_vec());
    let entry = (kinds, currencies, appeals, 1_u32..100_000, 0_usize..3, 0_u64..3, "[!-~]{3,20}");
    let entries = prop::collection::vec(entry, 0..30);
    entries.prop_map(|sketches| {
        let to_entry = |(seq, (kind, currency, appeal, major, day, moment, reference))| {
            let posted_at = MIDNIGHT + moment + 86_400_000 * u64::try_from(day).unwrap();
            Sketch {
                kind,
                donation: 'a',
                amount: (&u32::to_string(&major), currency),
                appeal,
                reference: &format!("{seq}{reference}"),
                date: ["2026-11-20", "2026-11-21", "2026-11-22"][day],
                posted_at,
            }
            .entry()
        };
        sketches.into_iter().enumerate().map(to_entry).collect()
    })
}

fn export(entries: Vec<PostedEntry>) -> BTreeMap<String, Vec<u8>> {
    let export = exporter(entries);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(export.run(&request("2026-11-20", "2026-11-22"))).unwrap();
    export.exports.0.into_inner()
}

fn file<'a>(files: &'a BTreeMap<String, Vec<u8>>, ending: &str) -> &'a [u8] {
    files.iter().find(|(key, _)| key.ends_with(ending)).unwrap().1
}

/// Lines, debits and credits of each currency, summed again from the machine file's text.
fn sums(lines: &[u8]) -> BTreeMap<String, (u64, Decimal, Decimal)> {
    let mut sums = BTreeMap::<_, (u64, Decimal, Decimal)>::new();
    for row in csv::Reader::from_reader(lines).records() {
        let row = row.unwrap();
        let amount = |cell: &str| if cell.is_empty() { Decimal::ZERO } else { cell.parse().unwrap() };
        let (debit, credit, signed) = (amount(&row[10]), amount(&row[11]), amount(&row[12]));
        assert_eq!(signed, debit - credit);
        let sum = sums.entry(row[13].to_owned()).or_default();
        *sum = (sum.0 + 1, sum.1 + debit, sum.2 + credit);
    }
    sums
}

proptest! {
    #[test]
    fn any_sequence_of_the_same_entries_gives_the_same_bytes(
        (entries, shuffled) in ledgers().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(export(entries), export(shuffled));
    }

    #[test]
    fn the_manifest_says_what_the_lines_add_up_to(entries in ledgers()) {
        let files = export(entries.clone());
        let manifest: serde_json::Value = serde_json::from_slice(file(&files, "manifest.json")).unwrap();
        let totals = manifest["control_totals"].as_array().unwrap().iter().map(|total| {
            let amount = |side: &str| total[side].as_str().unwrap().parse::<Decimal>().unwrap();
            let currency = total["currency"].as_str().unwrap().to_owned();
            (currency, (total["lines"].as_u64().unwrap(), amount("debit"), amount("credit")))
        });
        prop_assert_eq!(totals.collect::<BTreeMap<_, _>>(), sums(file(&files, "v1.1.csv")));
        prop_assert_eq!(manifest["entries"].as_u64().unwrap(), entries.len() as u64);
    }

    #[test]
    fn only_the_guard_and_the_mark_tell_the_two_tables_of_lines_apart(entries in ledgers()) {
        let files = export(entries);
        let machine = csv::Reader::from_reader(file(&files, "v1.1.csv")).into_records();
        let people = file(&files, ".excel.csv").strip_prefix(b"\xEF\xBB\xBF").unwrap();
        for (machine, people) in machine.zip(csv::Reader::from_reader(people).into_records()) {
            for (machine, people) in machine.unwrap().iter().zip(&people.unwrap()) {
                let is_guarded = people.strip_prefix('\'').is_some_and(|text| text == machine);
                let is_plain = machine.starts_with(|letter: char| letter.is_ascii_alphabetic())
                    && !machine.contains(|letter: char| letter.is_ascii_digit())
                    && machine != "true";
                prop_assert!(machine == people || is_guarded && !is_plain);
            }
        }
    }
}
