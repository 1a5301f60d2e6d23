//! The entries of the machine file: each is whole, balanced, in its place, and has the hash of its own
//! content.

use std::collections::{BTreeMap, HashSet};

use contracts::providers::ledger_digit;
use contracts::time::{from_rfc3339, to_rfc3339};
use data_encoding::HEXLOWER;
use domain::currency::Currency;
use domain::ids::{Appeal, DonationId, Provider, ProviderReference};
use domain::journal::{Account, EntryKind, EntrySubject, JournalEntry, Posting, Side};
use domain::money::Money;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::books::Appeals;
use crate::findings::{Findings, Part};
use crate::lines::Line;
use crate::manifest::Manifest;

/// What every line of an entry says alike.
const SHARED: [&str; 13] = [
    "business_date",
    "value_date",
    "occurred_at",
    "posted_at",
    "entry_seq",
    "entry_type",
    "provider",
    "provider_txn_id",
    "balance_txn_id",
    "payout_id",
    "donation_id",
    "description",
    "entry_hash",
];

/// What nothing in the ledger knows yet.
const EMPTY: [&str; 6] = [
    "provider_account",
    "fx_rate",
    "functional_amount",
    "functional_currency",
    "reverses_entry_id",
    "corrects_period",
];

/// Checks every entry by itself, and their sequence. `appeals` are those that the journal names: the lines of
/// an entry that books no income, such as a dispute's, leave the appeal out, and its hash still counts it.
pub(crate) fn check(manifest: &Manifest, lines: &[Line<'_>], appeals: &Appeals, findings: &mut Findings) {
    let (mut seen, mut previous) = (HashSet::new(), None);
    let entries = lines.chunk_by(|left, right| left.cell("entry_id") == right.cell("entry_id"));
    for (entry, seq) in entries.zip(1_u64..) {
        let (first, id) = (&entry[0], entry[0].cell("entry_id"));
        let mut wrong =
            |rule: &str| findings.add(Part::Lines, format!("entry {id:?} (record {}): {rule}", first.record));
        if !seen.insert(id) {
            wrong("there is an entry of this id already");
        }
        if first.cell("entry_seq") != seq.to_string() {
            wrong(&format!("its entry_seq is not {seq}"));
        }
        let place = Some((first.cell("business_date"), first.cell("posted_at"), id));
        if place < previous {
            wrong("it is out of sequence");
        }
        previous = place;
        for rule in check_form(manifest, entry) {
            wrong(&rule);
        }
        for (currency, sum) in sums(entry).into_iter().filter(|(_, sum)| !sum.is_zero()) {
            wrong(&format!("its lines add up to {sum} {currency}, not to zero"));
        }
        if let Err(rule) = check_content(entry, appeals) {
            wrong(&rule);
        }
    }
}

fn sums<'a>(entry: &'a [Line<'_>]) -> BTreeMap<&'a str, Decimal> {
    let mut sums = BTreeMap::<_, Decimal>::new();
    for line in entry {
        *sums.entry(line.cell("currency")).or_default() += line.debit - line.credit;
    }
    sums
}

fn check_form(manifest: &Manifest, entry: &[Line<'_>]) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = &entry[0];
    for column in ["business_date", "value_date"] {
        let text = first.cell(column);
        if !text.parse::<Date>().is_ok_and(|date| date.to_string() == text) {
            wrong.push(format!("its {column} {text:?} is not a date"));
        }
    }
    if !(&*manifest.from..=&*manifest.to).contains(&first.cell("business_date")) {
        wrong.push("its business_date is not in the period".to_owned());
    }
    for column in ["occurred_at", "posted_at"] {
        let text = first.cell(column);
        if !from_rfc3339(text).is_ok_and(|moment| to_rfc3339(moment) == text) {
            wrong.push(format!("its {column} {text:?} is not a moment in UTC with milliseconds"));
        }
    }
    for (line, number) in entry.iter().zip(1_usize..) {
        if line.cell("line_no") != number.to_string() {
            wrong.push(format!("its line_no {:?} is not {number}", line.cell("line_no")));
        }
        for column in SHARED.into_iter().filter(|column| line.cell(column) != first.cell(column)) {
            wrong.push(format!("its lines disagree in {column}"));
        }
        for column in EMPTY.into_iter().filter(|column| !line.cell(column).is_empty()) {
            wrong.push(format!("{column} is filled"));
        }
        for column in ["fund_class", "fund", "appeal"] {
            if line.cell(column).is_empty() == line.is_income() {
                wrong.push(format!("{column} must be filled on income lines and on no other"));
            }
        }
    }
    wrong
}

/// Builds the entry again from its lines: the id must be the one that its business gives it, and the hash the
/// one that the ledger keeps with it.
fn check_content(entry: &[Line<'_>], appeals: &Appeals) -> Result<(), String> {
    let first = &entry[0];
    let kind = EntryKind::parse(first.cell("entry_type")).ok_or("its entry_type is not known")?;
    let reference = first.cell("provider_txn_id");
    for (column, applies) in [("balance_txn_id", kind.is_movement()), ("payout_id", kind.is_payout())] {
        if first.cell(column) != if applies { reference } else { "" } {
            return Err(format!("its {column} is not what a {} has", kind.name()));
        }
    }
    let on_lines = entry.iter().map(|line| line.cell("appeal")).find(|appeal| !appeal.is_empty());
    let appeal = on_lines.or_else(|| appeals.get(first.cell("entry_id")).map(String::as_str));
    let donation = Some(first.cell("donation_id")).filter(|id| !id.is_empty());
    let said = |column: &str, error: &dyn std::fmt::Display| format!("its {column} {error}");
    let subject = EntrySubject {
        kind,
        donation: donation.map(DonationId::parse).transpose().map_err(|error| said("donation_id", &error))?,
        appeal: appeal.map(Appeal::parse).transpose().map_err(|error| said("appeal", &error))?,
        provider: Provider::parse(first.cell("provider")).map_err(|error| said("provider", &error))?,
        reference: ProviderReference::parse(reference).map_err(|error| said("provider_txn_id", &error))?,
        occurred_at: from_rfc3339(first.cell("occurred_at")).map_err(|error| said("occurred_at", &error))?,
    };
    let postings = entry.iter().map(posting).collect::<Result<Vec<_>, _>>()?;
    let built = JournalEntry::build(subject, postings).map_err(|error| error.to_string())?;
    if built.id().as_str() != first.cell("entry_id") {
        return Err("its id is not the one that its content gives".to_owned());
    }
    if HEXLOWER.encode(&built.content_hash()) != first.cell("entry_hash") {
        return Err("its entry_hash is not the one of its content".to_owned());
    }
    Ok(())
}

fn posting(line: &Line<'_>) -> Result<Posting, String> {
    let account = Account::parse(line.cell("account")).ok_or("an account is not in the chart")?;
    if account.code(ledger_digit) != line.cell("account_code") {
        return Err(format!("the code of {} is not {}", line.cell("account"), line.cell("account_code")));
    }
    let currency = Currency::from_code(line.cell("currency")).map_err(|error| error.to_string())?;
    let is_debit = !line.debit.is_zero();
    let (side, column) = if is_debit { (Side::Debit, "debit") } else { (Side::Credit, "credit") };
    let amount = Money::parse(line.cell(column), currency).map_err(|error| error.to_string())?;
    Ok(Posting { account, side, amount })
}
