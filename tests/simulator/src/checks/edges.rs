//! From which state a donation went to which, in the words of `domain/states.md`.

use std::collections::{BTreeMap, BTreeSet};

use domain::donation::Donation;
use domain::payment::Payment;
use domain::takings::{Dispute, Refund, RefundState};

/// Where a donation and all that belongs to it stand: by picture and by what is pictured, the state.
pub(crate) type Standing = BTreeMap<(&'static str, String), String>;

/// Where everything stands.
pub(crate) fn standing(donation: &Donation) -> Standing {
    let one = |picture| (picture, String::new());
    let mut standing = Standing::from([(one("payment"), payment(&donation.payment))]);
    if let Payment::Captured { takings, .. } = &donation.payment {
        standing.insert(one("money"), written(donation.payment.shown_name()));
        for known in takings.refunds() {
            standing.insert(("refund", known.id.to_string()), refund(known).to_owned());
        }
        for known in takings.disputes() {
            standing.insert(("dispute", known.reference.as_str().to_owned()), dispute(known));
        }
    }
    standing
}

/// The edges that lead from one standing to the next. What was not there before has come from nowhere, save for a
/// refund that was given up.
pub(crate) fn between(before: &mut Standing, now: Standing) -> BTreeSet<String> {
    let mut edges = BTreeSet::new();
    for (what, state) in before.iter_mut() {
        let next = match now.get(what) {
            Some(next) => next.as_str(),
            None if what.0 == "refund" => "not-wanted",
            None => continue,
        };
        if state != next {
            edges.insert(format!("{}: {state} -> {next}", what.0));
        }
        next.clone_into(state);
    }
    for (what, state) in &now {
        if what.0 == "dispute" && !before.contains_key(what) {
            edges.insert(format!("dispute: no-dispute -> {state}"));
        }
    }
    before.extend(now);
    edges
}

/// A stored name as the pictures write it.
fn written(name: &str) -> String {
    name.replace('_', "-")
}

fn payment(payment: &Payment) -> String {
    match payment {
        Payment::UnderReview { reason, .. } => format!("under-review-{}", written(reason.name())),
        other => written(other.name()),
    }
}

const fn refund(refund: &Refund) -> &'static str {
    match (&refund.state, &refund.attempt) {
        (RefundState::Requested, None) => "requested",
        (RefundState::Requested, Some(_)) => "requested-attempt-under-way",
        (RefundState::Failed { reference: None, .. }, _) => "failed-never-made",
        (RefundState::Failed { reference: Some(_), .. }, _) => "failed-money-is-back",
        (state, _) => state.name(),
    }
}

fn dispute(dispute: &Dispute) -> String {
    let status = written(dispute.status.name());
    match (dispute.withdrawn, dispute.reinstated) {
        (None, _) => status,
        (Some(_), None) => format!("{status}-money-withdrawn"),
        (Some(_), Some(_)) => format!("{status}-money-put-back"),
    }
}
