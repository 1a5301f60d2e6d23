//! The books of one donation, summed up apart from the code that makes the entries.

use std::collections::BTreeMap;

use crate::donation::Donation;
use crate::ids::{EntryId, Provider};
use crate::journal::{Account, JournalEntry, Side};
use crate::money::Money;
use crate::takings::RefundState;

/// Entries by their id, each with all that it says.
pub(crate) fn entries(donation: &Donation) -> BTreeMap<EntryId, [u8; 32]> {
    let all = JournalEntry::all_of(donation);
    let entries: BTreeMap<_, _> =
        all.iter().map(|entry| (entry.id().clone(), entry.content_hash())).collect();
    assert_eq!(entries.len(), all.len(), "two entries of one id");
    entries
}

/// Debits less credits of each account, in minor units.
fn balances(donation: &Donation) -> BTreeMap<Account, i64> {
    let mut balances = BTreeMap::new();
    for entry in JournalEntry::all_of(donation) {
        for line in entry.postings() {
            let amount = if line.side == Side::Debit { signed(line.amount) } else { -signed(line.amount) };
            *balances.entry(line.account).or_default() += amount;
        }
    }
    balances
}

/// What the provider holds for the charity, as the books have it.
pub(crate) fn clearing(donation: &Donation) -> i64 {
    let account = Account::ClearingBalance(Provider::STRIPE, donation.gift.amount.currency());
    balances(donation).get(&account).copied().unwrap_or_default()
}

fn signed(amount: Money) -> i64 {
    amount.minor().cast_signed()
}

/// Says what is wrong with the books of a donation, if anything.
pub(crate) fn fault_of(donation: &Donation) -> Option<String> {
    let Some(takings) = donation.payment.takings() else {
        return (!entries(donation).is_empty()).then(|| "entries without money".to_owned());
    };
    let captured: i64 = takings.captures().iter().map(|capture| signed(capture.amount)).sum();
    let refunded: i64 = takings
        .refunds()
        .iter()
        .map(|refund| match refund.state {
            RefundState::Succeeded { .. } => signed(refund.amount),
            // What left came back, and what was never made never left.
            RefundState::Failed { .. } | RefundState::Requested | RefundState::Pending { .. } => 0,
        })
        .sum();
    let (mut gone, mut held, mut fees, mut lost) = (0, 0, 0, 0);
    for dispute in takings.disputes() {
        let Some(withdrawn) = dispute.withdrawn else { continue };
        let fee = withdrawn.fee.map_or(0, signed);
        let back = dispute.reinstated.map_or(0, |back| signed(back.amount));
        let fee_back = dispute.reinstated.and_then(|back| back.fee).map_or(0, signed);
        gone += signed(withdrawn.amount) + fee - back - fee_back;
        fees += fee - fee_back;
        if dispute.is_lost() {
            lost += signed(withdrawn.amount);
        } else {
            held += signed(withdrawn.amount) - back;
        }
    }
    let provider = Provider::STRIPE;
    let currency = donation.gift.amount.currency();
    let expected = [
        (Account::ClearingBalance(provider, currency), captured - refunded - gone),
        (Account::ClearingDisputed(provider, currency), held),
        (Account::Donations, -captured),
        (Account::Refunds, refunded),
        (Account::Chargebacks, lost),
        (Account::DisputeFees(provider), fees),
    ];
    let booked = balances(donation);
    let differs =
        |&(account, moved): &(Account, i64)| booked.get(&account).copied().unwrap_or_default() != moved;
    let wrong = expected.into_iter().find(differs);
    wrong.map(|(account, moved)| {
        format!("{}: {moved} moved, and these are the books: {booked:?}", account.path())
    })
}

/// Says which entry of `before` is gone or says something else in `after`, if any does.
pub(crate) fn rewritten(before: &Donation, after: &Donation) -> Option<EntryId> {
    let known = entries(after);
    entries(before).into_iter().find(|(id, content)| known.get(id) != Some(content)).map(|(id, _)| id)
}
