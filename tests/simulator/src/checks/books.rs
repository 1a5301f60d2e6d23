//! The ledger beside the provider's books.

use std::collections::BTreeMap;

use contracts::stored::EntryItem;
use domain::takings::RefundStatus;

use crate::provider::{Model, Standing};
use crate::sim::Sim;

impl Sim {
    /// For each donation the ledger's clearing account holds what the provider holds, and no entry is there twice.
    pub(crate) fn check_books(&mut self) {
        let items = self.memory.entry_items();
        let mut count: BTreeMap<&str, u64> = BTreeMap::new();
        let mut held: BTreeMap<String, i128> = BTreeMap::new();
        for item in &items {
            *count.entry(item.entry_id.as_str()).or_default() += 1;
            if let (Some(donation), false) = (&item.donation_id, item.kind.starts_with("fee")) {
                *held.entry(donation.clone()).or_default() += cleared(item);
            }
        }
        if let Some((entry, _)) = count.iter().find(|(_, times)| **times > 1) {
            let violation = format!("the entry {entry} is posted twice");
            self.violate(violation);
        }
        let theirs = balances(&self.model());
        for id in held.keys().chain(theirs.keys()).cloned().collect::<std::collections::BTreeSet<_>>() {
            let (ours, theirs) = (held.get(&id).copied(), theirs.get(&id).copied());
            let (ours, theirs) = (ours.unwrap_or(0), theirs.unwrap_or(0));
            if ours != theirs {
                self.violate(format!("the ledger holds {ours} of {id}, and the provider {theirs}"));
            }
        }
    }
}

/// What an entry adds to what the provider holds for us.
fn cleared(item: &EntryItem) -> i128 {
    let clearing = item
        .lines
        .iter()
        .filter(|line| line.account.starts_with("Assets:Clearing:") && line.account.ends_with(":Balance"));
    clearing
        .map(|line| if line.side == "debit" { i128::from(line.minor) } else { -i128::from(line.minor) })
        .sum()
}

/// What the provider holds of each donation.
fn balances(model: &Model) -> BTreeMap<String, i128> {
    let mut balances: BTreeMap<String, i128> = BTreeMap::new();
    for payment in model.payments.values().filter(|one| one.standing == Standing::Captured) {
        let mut balance = i128::from(payment.amount.minor());
        for refund in model.refunds.values().filter(|one| one.payment == payment.reference) {
            if refund.status == RefundStatus::Succeeded {
                balance -= i128::from(refund.amount.minor());
            }
        }
        for dispute in model.disputes.values().filter(|one| one.payment == payment.reference) {
            if let (Some(withdrawn), None) = (dispute.withdrawn, dispute.reinstated) {
                balance -= i128::from(withdrawn.amount.minor());
            }
        }
        *balances.entry(payment.donation.to_string()).or_default() += balance;
    }
    balances
}
