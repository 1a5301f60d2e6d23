//! Takings of every shape, and movements of a provider's balance.

use domain::currency::Currency;
use domain::donation::{Resolution, Resolved};
use domain::ids::{Note, Operator, Provider, ProviderKey, ProviderReference, RefundId};
use domain::journal::{Movement, MovementCause};
use domain::money::{MINOR_UNITS_MAX, Money};
use domain::payment::{ATTEMPTS_MAX, Attempt, Capture};
use domain::takings::{
    CAPTURES_MAX, DISPUTES_MAX, Dispute, DisputeStatus, REFUNDS_MAX, Refund, RefundReason, RefundState,
    Takings, Withdrawal,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use super::{ids, moments};

/// Takings of a donation of this amount: some of its captures are of it, and some are not.
pub(crate) fn takings(wanted: Money) -> impl Strategy<Value = Takings> {
    let amount = prop_oneof![3 => Just(wanted), 1 => amounts()];
    let capture = (references(), amount, moments(), moments()).prop_map(
        |(reference, amount, created_at, captured_at)| Capture { reference, amount, created_at, captured_at },
    );
    let refunds = vec((any::<prop::sample::Index>(), refunds()), 0..REFUNDS_MAX);
    let disputes = vec((any::<prop::sample::Index>(), disputes()), 0..DISPUTES_MAX);
    (vec(capture, 1..=CAPTURES_MAX), refunds, disputes).prop_map(move |(captures, refunds, disputes)| {
        let mut rest = captures.clone().into_iter();
        let mut takings = Takings::of(wanted, rest.next().unwrap());
        takings = rest.fold(takings, Takings::with_capture);
        for (of, refund) in refunds {
            takings = takings.with_refund(Refund { payment: of.get(&captures).reference.clone(), ..refund });
        }
        for (of, dispute) in disputes {
            takings =
                takings.with_dispute(Dispute { payment: of.get(&captures).reference.clone(), ..dispute });
        }
        takings
    })
}

/// References at the provider.
pub(crate) fn references() -> impl Strategy<Value = ProviderReference> {
    "[!-~]{3,60}".prop_map(|text| ProviderReference::parse(&text).unwrap())
}

/// Amounts of every currency.
pub(crate) fn amounts() -> impl Strategy<Value = Money> {
    let currencies: Vec<_> = Currency::all().collect();
    (1..=MINOR_UNITS_MAX, select(currencies))
        .prop_map(|(minor, currency)| Money::from_minor(minor, currency).unwrap())
}

/// Attempts at a payment or a refund.
pub(crate) fn attempts() -> impl Strategy<Value = Attempt> {
    (1..=ATTEMPTS_MAX, "[!-~]{16,40}", moments()).prop_map(|(number, key, first_called_at)| Attempt {
        number,
        key: ProviderKey::parse(&key).unwrap(),
        first_called_at,
    })
}

fn operators() -> impl Strategy<Value = Operator> {
    "[A-Za-z0-9._+@-]{2,64}".prop_map(|text| Operator::parse(&text).unwrap())
}

/// A refund, of a payment that is put in its place later.
fn refunds() -> impl Strategy<Value = Refund> {
    let ids = "rf_[0-9a-f]{24}".prop_map(|text| RefundId::parse(&text).unwrap());
    let states = (0..4_u8, references(), any::<bool>(), moments(), moments()).prop_map(
        |(state, reference, is_named, left_at, at)| match state {
            0 => RefundState::Requested,
            1 => RefundState::Pending { reference },
            2 => RefundState::Succeeded { reference, at },
            _ => RefundState::Failed { reference: is_named.then_some(reference), left_at, at },
        },
    );
    (
        ids,
        references(),
        amounts(),
        select(&RefundReason::ALL[..]),
        operators(),
        moments(),
        option::of(attempts()),
        states,
    )
        .prop_map(|(id, payment, amount, reason, asked_by, asked_at, attempt, state)| Refund {
            id,
            payment,
            amount,
            reason,
            asked_by,
            asked_at,
            attempt,
            state,
        })
}

/// A dispute, of a payment that is put in its place later.
fn disputes() -> impl Strategy<Value = Dispute> {
    let withdrawals = || {
        let parts = (amounts(), option::of(1..=MINOR_UNITS_MAX));
        option::of(parts.prop_map(|(amount, fee)| Withdrawal {
            amount,
            fee: fee.map(|minor| Money::from_minor(minor, amount.currency()).unwrap()),
        }))
    };
    (
        references(),
        references(),
        select(&DisputeStatus::ALL[..]),
        withdrawals(),
        withdrawals(),
        moments(),
        option::of(moments()),
    )
        .prop_map(|(reference, payment, status, withdrawn, reinstated, opened_at, decided_at)| Dispute {
            reference,
            payment,
            status,
            withdrawn,
            reinstated,
            opened_at,
            decided_at,
        })
}

/// What a person may have decided.
pub(crate) fn resolutions() -> impl Strategy<Value = Resolved> {
    let notes = "\\PC{3,60}".prop_map(|text| Note::parse(&text).unwrap());
    (select(&Resolution::ALL[..]), operators(), notes, moments())
        .prop_map(|(resolution, by, note, at)| Resolved { resolution, by, note, at })
}

/// Providers, known and unknown.
pub(crate) fn providers() -> impl Strategy<Value = Provider> {
    prop_oneof![Just(Provider::STRIPE), "[a-z]{2,16}".prop_map(|name| Provider::parse(&name).unwrap()),]
}

/// A movement of a provider's balance, of every cause.
pub(crate) fn movements() -> impl Strategy<Value = Movement> {
    let causes = (0..7_u8, references(), amounts(), "[a-z_]{1,20}", any::<bool>()).prop_map(
        |(cause, reference, amount, category, is_gain)| match cause {
            0 => MovementCause::Charge { payment: reference, amount },
            1 => MovementCause::Refund { refund: reference, payment: None, is_gain },
            2 => MovementCause::Dispute { dispute: reference, payment: None, is_gain },
            3 => MovementCause::Fee,
            4 => MovementCause::Payout { payout: reference, amount },
            5 => MovementCause::PayoutFailed { payout: reference, amount },
            _ => MovementCause::Other { category, amount, is_gain },
        },
    );
    let appeals = Just(domain::ids::Appeal::parse("winter-2026").unwrap());
    (
        references(),
        causes,
        option::of(amounts()),
        option::of(amounts()),
        option::of(ids()),
        option::of(appeals),
        moments(),
    )
        .prop_map(|(reference, cause, fee, fee_returned, donation, appeal, occurred_at)| Movement {
            reference,
            cause,
            fee,
            fee_returned,
            settled_with: None,
            donation,
            appeal,
            occurred_at,
        })
}
