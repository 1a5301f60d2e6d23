//! The ledger for beancount.
//!
//! Sources: Beancount Language Syntax; Precision & Tolerances in Beancount.

use std::fmt;

use contracts::stored::PostedEntry;
use domain::currency::Currency;
use jiff::civil::Date;

use super::accounts;
use crate::file::File;
use crate::ledger::{Balances, Ledger, decimal, signed};
use crate::period::day_after;
use crate::tables::description;

/// The file.
pub(crate) fn file(ledger: &Ledger) -> File {
    File {
        name: "ledger.beancount".to_owned(),
        media_type: "text/plain; charset=utf-8",
        rows: ledger.count(),
        bytes: Journal(ledger).to_string().into_bytes(),
    }
}

struct Journal<'a>(&'a Ledger);

impl fmt::Display for Journal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ledger { charity, zone, period, days, totals, .. } = self.0;
        let (from, to) = (period.from(), period.to());
        let title = format!("Ledger of {charity} from {from} to {to}, days of {zone}");
        writeln!(f, "option \"title\" {}", Quoted(&title))?;
        // Only both together switch every tolerance off.
        writeln!(f, "option \"inferred_tolerance_default\" \"*:0\"")?;
        writeln!(f, "option \"tolerance_multiplier\" \"0\"\n")?;
        for currency in totals.keys() {
            writeln!(f, "{from} commodity {currency}")?;
        }
        for (account, currencies) in accounts(self.0) {
            let currencies: Vec<&str> = currencies.iter().map(Currency::code).collect();
            writeln!(f, "\n{from} open {} {}", account.path, currencies.join(","))?;
            writeln!(f, "  code: {}", Quoted(&account.code))?;
        }
        let mut asserted = None;
        for day in days {
            if asserted != Some(day.date) {
                write_assertions(f, day.date, &day.opening)?;
            }
            for posted in self.0.entries_of(day) {
                write_entry(f, posted)?;
            }
            let next = day_after(day.date);
            write_assertions(f, next, &day.closing)?;
            asserted = Some(next);
        }
        // A closed account refuses what is added after the period, where no assertion would see it.
        writeln!(f)?;
        for (account, _) in accounts(self.0) {
            writeln!(f, "{to} close {}", account.path)?;
        }
        Ok(())
    }
}

fn write_entry(f: &mut fmt::Formatter<'_>, posted: &PostedEntry) -> fmt::Result {
    let entry = &posted.entry;
    let subject = entry.subject();
    writeln!(f, "\n{} * {} ^{}", posted.business_date, Quoted(description(subject.kind)), entry.id())?;
    writeln!(f, "  value_date: {}", posted.value_date)?;
    if let Some(donation) = &subject.donation {
        writeln!(f, "  donation_id: {}", Quoted(donation.as_str()))?;
    }
    if let Some(appeal) = &subject.appeal {
        writeln!(f, "  appeal: {}", Quoted(appeal.as_str()))?;
    }
    writeln!(f, "  provider: {}", Quoted(subject.provider.name()))?;
    writeln!(f, "  provider_txn_id: {}", Quoted(subject.reference.as_str()))?;
    for posting in entry.postings() {
        let currency = posting.amount.currency();
        writeln!(f, "  {}  {} {currency}", posting.account.path(), signed(posting))?;
    }
    Ok(())
}

/// What each account holds at the beginning of a day: that is when beancount checks it.
fn write_assertions(f: &mut fmt::Formatter<'_>, date: Date, balances: &Balances) -> fmt::Result {
    writeln!(f)?;
    for (slot, sums) in balances {
        let currency = slot.currency;
        writeln!(f, "{date} balance {}  {} {currency}", slot.path, decimal(sums.balance(), currency))?;
    }
    Ok(())
}

/// A text as beancount's string: a backslash goes before quotes and backslashes.
struct Quoted<'a>(&'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}
