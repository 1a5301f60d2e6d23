//! Postings and balances, whoever says them, and how two accounts of them are compared.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;

use crate::findings::{Findings, Part};

/// Account and currency.
pub(crate) type Slot = (String, String);

/// A signed amount for each account and currency; what is not there is zero.
pub(crate) type Balances = BTreeMap<Slot, Decimal>;

/// One posting of one entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Posted {
    pub(crate) entry: String,
    pub(crate) date: String,
    pub(crate) account: String,
    pub(crate) currency: String,
    /// Positive for a debit.
    pub(crate) amount: Decimal,
}

/// The appeal of each entry that has one, by the entry's id.
pub(crate) type Appeals = BTreeMap<String, String>;

/// What a tool read from a journal.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Books {
    pub(crate) balances: Balances,
    pub(crate) postings: Vec<Posted>,
    /// Where the journal has them as data.
    pub(crate) appeals: Appeals,
}

impl Books {
    /// How many entries there are.
    pub(crate) fn entries(&self) -> usize {
        self.postings.iter().map(|posted| &posted.entry).collect::<BTreeSet<_>>().len()
    }
}

/// Compares a tool's balances with the trial balance.
pub(crate) fn compare_balances(findings: &mut Findings, part: Part, tool: &Balances, trial: &Balances) {
    let nothing = Decimal::ZERO;
    let only_tool = tool.keys().filter(|slot| !trial.contains_key(*slot));
    for slot in trial.keys().chain(only_tool) {
        let (is, should_be) = (tool.get(slot).unwrap_or(&nothing), trial.get(slot).unwrap_or(&nothing));
        if is != should_be {
            let (account, currency) = slot;
            let message = format!("{account} holds {is} {currency}; the trial balance says {should_be}");
            findings.add(part, message);
        }
    }
}

/// Compares a tool's postings with the lines, entry by entry; how they are sorted does not matter.
pub(crate) fn compare_postings(findings: &mut Findings, part: Part, tool: &[Posted], lines: &[Posted]) {
    let mut counts = BTreeMap::<&Posted, (usize, usize)>::new();
    for posted in tool {
        counts.entry(posted).or_default().0 += 1;
    }
    for posted in lines {
        counts.entry(posted).or_default().1 += 1;
    }
    for (posted, (in_tool, in_lines)) in counts.into_iter().filter(|(_, (left, right))| left != right) {
        let Posted { entry, date, account, currency, amount } = posted;
        let what = format!("{date} {entry:?} {account} {amount} {currency}");
        findings
            .add(part, format!("{what} is in the journal {in_tool} times and in the lines {in_lines} times"));
    }
}
