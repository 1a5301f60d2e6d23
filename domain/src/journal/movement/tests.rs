use std::collections::BTreeSet;

use super::*;
use crate::currency::Currency;
use crate::journal::Side;

fn pence(minor: u64) -> Money {
    Money::from_minor(minor, Currency::GBP).unwrap()
}

fn reference(text: &str) -> ProviderReference {
    ProviderReference::parse(text).unwrap()
}

fn movement(cause: MovementCause) -> Movement {
    Movement {
        reference: reference("txn_1"),
        cause,
        fee: None,
        fee_returned: None,
        settled_with: None,
        donation: None,
        appeal: None,
        occurred_at: Timestamp::from_millis(1_795_204_800_000),
    }
}

/// Each entry in one line: what it books, under which reference, and its postings.
fn told(movement: &Movement) -> Vec<String> {
    let lines = |entry: &JournalEntry| {
        let postings = entry.postings().iter().map(|posting| {
            let side = if posting.side == Side::Debit { "Dr" } else { "Cr" };
            format!("{side} {} {}", posting.account.path(), posting.amount.minor())
        });
        postings.collect::<Vec<_>>().join(", ")
    };
    let entries = movement.entries(Provider::STRIPE);
    let texts = entries.iter().map(|entry| {
        format!("{} {}: {}", entry.subject().kind.name(), entry.subject().reference, lines(entry))
    });
    texts.collect()
}

const CLEARING: &str = "Assets:Clearing:Stripe:GBP:Balance";
const TRANSIT: &str = "Assets:Clearing:Stripe:GBP:InTransit";
const SUSPENSE: &str = "Liabilities:Suspense:Stripe:GBP";
const FEES: &str = "Expenses:Fees:Stripe:Processing";

#[test]
fn a_fee_is_booked_when_the_provider_lists_it_and_so_is_its_return() {
    let charge = MovementCause::Charge { payment: reference("pi_1"), amount: pence(2_500) };
    let paid = Movement { fee: Some(pence(58)), ..movement(charge.clone()) };
    assert_eq!(told(&paid), [format!("fee txn_1: Dr {FEES} 58, Cr {CLEARING} 58")]);
    let back = Movement { fee_returned: Some(pence(20)), ..movement(MovementCause::Fee) };
    assert_eq!(told(&back), [format!("fee_returned txn_1: Dr {CLEARING} 20, Cr {FEES} 20")]);
    assert_eq!(told(&movement(charge)), [""; 0], "the donation's own entry books the charge");
}

#[test]
fn refunds_and_disputes_are_booked_by_their_donation_and_only_their_fees_from_the_list() {
    for cause in [
        MovementCause::Refund { refund: reference("re_1"), payment: None, is_gain: false },
        MovementCause::Dispute { dispute: reference("dp_1"), payment: None, is_gain: true },
        MovementCause::Fee,
    ] {
        assert_eq!(told(&movement(cause.clone())), [""; 0]);
        assert_eq!(told(&Movement { fee: Some(pence(9)), ..movement(cause) }).len(), 1);
    }
}

#[test]
fn a_payout_is_on_its_way_until_the_bank_says_otherwise_and_comes_back_when_it_fails() {
    let payout = || reference("po_1");
    let left = movement(MovementCause::Payout { payout: payout(), amount: pence(900) });
    let back = movement(MovementCause::PayoutFailed { payout: payout(), amount: pence(900) });
    assert_eq!(told(&left), [format!("payout po_1: Dr {TRANSIT} 900, Cr {CLEARING} 900")]);
    assert_eq!(told(&back), [format!("payout_failed po_1: Dr {CLEARING} 900, Cr {TRANSIT} 900")]);
    let ids: BTreeSet<_> = [left, back]
        .iter()
        .flat_map(|moved| moved.entries(Provider::STRIPE))
        .map(|entry| entry.id().clone())
        .collect();
    assert_eq!(ids.len(), 2);
}

#[test]
fn what_nobody_has_explained_is_in_suspense_and_never_a_fee() {
    let other = |is_gain| {
        let category = "network_cost".to_owned();
        movement(MovementCause::Other { category, amount: pence(7), is_gain })
    };
    assert_eq!(told(&other(true)), [format!("suspense txn_1: Dr {CLEARING} 7, Cr {SUSPENSE} 7")]);
    assert_eq!(told(&other(false)), [format!("suspense txn_1: Dr {SUSPENSE} 7, Cr {CLEARING} 7")]);
}

#[test]
fn an_entry_says_which_donation_and_appeal_the_list_names() {
    let donation = DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap();
    let appeal = Appeal::parse("winter-2026").unwrap();
    let named = Movement {
        fee: Some(pence(58)),
        donation: Some(donation.clone()),
        appeal: Some(appeal.clone()),
        ..movement(MovementCause::Fee)
    };
    let entries = named.entries(Provider::STRIPE);
    let subject = entries[0].subject();
    assert_eq!((subject.donation.as_ref(), subject.appeal.as_ref()), (Some(&donation), Some(&appeal)));
    assert_eq!((subject.provider, subject.occurred_at), (Provider::STRIPE, named.occurred_at));
}
