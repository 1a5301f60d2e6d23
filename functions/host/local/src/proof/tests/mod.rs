//! Evidence in which everybody agrees, and what changing it makes of the finding.

mod balance;
mod captures;
mod direct_debits;
mod others;
mod reversals;
mod samples;

use super::{Difference, Evidence, Proof, prove};
use domain::donation::Donation;
use samples::{agreed, captured, gave_back};

/// What changing the evidence of these donations makes of the finding.
fn found(donations: &[&Donation], change: impl FnOnce(&mut Evidence)) -> Proof {
    let mut evidence = agreed(donations);
    change(&mut evidence);
    prove(&evidence)
}

/// The differences that changing the evidence of one captured donation makes.
fn differences(change: impl FnOnce(&Donation, &mut Evidence)) -> Vec<Difference> {
    let donation = captured(1);
    found(&[&donation], |evidence| change(&donation, evidence)).differences
}

/// Asserts that the change makes exactly one difference of the donation's, with these words. Where money is
/// concerned the balance may differ too, which names no donation.
#[track_caller]
fn differs_on(donation: &Donation, words: &str, change: impl FnOnce(&mut Evidence)) {
    let differences = found(&[donation], change).differences;
    let named: Vec<_> = differences.iter().filter(|difference| difference.donation_id.is_some()).collect();
    assert_eq!(named.len(), 1, "{differences:?}");
    assert!(named[0].what.contains(words), "{differences:?}");
    assert_eq!(named[0].donation_id, Some(donation.id.to_string()));
}

#[track_caller]
fn differs(words: &str, change: impl FnOnce(&Donation, &mut Evidence)) {
    let donation = captured(1);
    differs_on(&donation, words, |evidence| change(&donation, evidence));
}

/// Asserts that the change makes exactly one difference, of no donation, with these words.
#[track_caller]
fn differs_at_large(words: &str, change: impl FnOnce(&mut Evidence)) {
    let differences = found(&[&gave_back(1)], change).differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert!(differences[0].what.contains(words), "{differences:?}");
    assert_eq!(differences[0].donation_id, None);
}
