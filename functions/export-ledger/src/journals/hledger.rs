//! The journal for hledger, which Ledger (`ledger --strict --pedantic --explicit`) reads too.
//!
//! Sources: hledger manual, sections on the commodity directive, strict mode and balance assertions; Ledger
//! manual, sections on command directives.

use std::fmt;

use contracts::stored::PostedEntry;

use super::accounts;
use crate::file::File;
use crate::ledger::{Balances, Ledger, decimal, signed};
use crate::tables::description;

/// The file.
pub(crate) fn file(ledger: &Ledger) -> File {
    File {
        name: "journal.hledger".to_owned(),
        media_type: "text/plain; charset=utf-8",
        rows: ledger.count(),
        bytes: Journal(ledger).to_string().into_bytes(),
    }
}

struct Journal<'a>(&'a Ledger);

impl fmt::Display for Journal<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ledger { charity, zone, period, days, totals, .. } = self.0;
        writeln!(f, "; Ledger of {charity} from {} to {}, days of {zone}.", period.from(), period.to())?;
        writeln!(f, "; Check it with hledger check --strict\n")?;
        for currency in totals.keys() {
            // hledger forgives what is smaller than the format shows, so it shows more than any currency has.
            writeln!(f, "commodity {currency}\n    format 1000.000000 {currency}\n")?;
        }
        for (account, _) in accounts(self.0) {
            writeln!(f, "account {}\n    note {}\n", account.path, account.code)?;
        }
        for day in days {
            // Entries of one date are read as they stand in the file: the end of the day before would not see
            // one that was moved there from here.
            write_assertions(f, "before", day.date, &day.opening)?;
            for posted in self.0.entries_of(day) {
                write_entry(f, posted)?;
            }
            write_assertions(f, "at the end of", day.date, &day.closing)?;
        }
        Ok(())
    }
}

/// The provider's reference stays out: a comment must not hold outside text, where `[…]` is read as a date
/// and `a:` as a tag.
fn write_entry(f: &mut fmt::Formatter<'_>, posted: &PostedEntry) -> fmt::Result {
    let entry = &posted.entry;
    let subject = entry.subject();
    let (date, id, what) = (&posted.business_date, entry.id(), description(subject.kind));
    write!(f, "{date} * ({id}) {what}")?;
    if let Some(donation) = &subject.donation {
        write!(f, ", {donation}")?;
    }
    if let Some(appeal) = &subject.appeal {
        write!(f, ", appeal {appeal}")?;
    }
    writeln!(f)?;
    if posted.value_date != posted.business_date {
        writeln!(f, "    ; value date {}", posted.value_date)?;
    }
    for posting in entry.postings() {
        let currency = posting.amount.currency();
        writeln!(f, "    {}  {} {currency}", posting.account.path(), signed(posting))?;
    }
    writeln!(f)
}

/// Postings of nothing that say what each account holds. hledger checks them in the sequence of dates, then
/// of the file.
fn write_assertions(
    f: &mut fmt::Formatter<'_>,
    when: &str,
    date: jiff::civil::Date,
    balances: &Balances,
) -> fmt::Result {
    if balances.is_empty() {
        return Ok(());
    }
    writeln!(f, "{date} * balances {when} {date}")?;
    for (slot, sums) in balances {
        let currency = slot.currency;
        let (nothing, balance) = (decimal(0, currency), decimal(sums.balance(), currency));
        writeln!(f, "    {}  {nothing} {currency} = {balance} {currency}", slot.path)?;
    }
    writeln!(f)
}
