//! Files for plain-text accounting tools.
//!
//! Both journals begin and end every day that has entries, and end the period, with the balance of every
//! account. Without these assertions the tools see only that each entry balances, and miss what leaves every
//! entry balanced.

pub(crate) mod beancount;
pub(crate) mod hledger;

use domain::currency::Currency;

use crate::ledger::{Ledger, Slot};

/// Every account of the period with its code and its currencies, in the sequence of the chart.
fn accounts(ledger: &Ledger) -> Vec<(&Slot, Vec<Currency>)> {
    let slots: Vec<&Slot> = ledger.closing().keys().collect();
    let accounts = slots.chunk_by(|left, right| left.path == right.path);
    accounts.map(|group| (group[0], group.iter().map(|slot| slot.currency).collect())).collect()
}
