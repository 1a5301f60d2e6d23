use super::*;
use crate::currency::Currency;
use crate::donation::tests::samples::{
    START, after, capture_of, captured, captures, hours, pence, reference, told_at, with,
};
use crate::donation::tests::samples_money::{Moved, asks, disputes, refund_id, refunds, starts};
use crate::donation::{Command, Donation, RefundRequest, Refusal};
use crate::ids::Operator;
use crate::journal::JournalEntry;
use crate::payment::{ATTEMPTS_MAX, KeyLife};

fn own() -> RefundId {
    refund_id("own")
}

fn of(donation: &Donation) -> &Takings {
    donation.payment.takings().unwrap()
}

/// A captured donation whose refund of 10.00 has begun.
fn refunding() -> Donation {
    after(with(captured()), &[asks("own", None, Some(1_000)), starts(own())])
}

fn news(named: &str, status: RefundStatus) -> Command {
    refunds(Some(own()), named, "pi_ours", 1_000, status)
}

#[test]
fn the_capture_that_is_kept_is_of_the_right_amount_then_the_earliest_then_the_first_by_name() {
    let all = [
        capture_of("pi_c", 2_500, 1),
        capture_of("pi_b", 2_500, 2),
        capture_of("pi_d", 2_500, 2),
        capture_of("pi_a", 2_499, 0),
    ];
    for turn in 0..all.len() {
        let mut turned = all.clone();
        turned.rotate_left(turn);
        let [first, rest @ ..] = turned;
        let takings = rest.into_iter().fold(Takings::of(pence(2_500), first), Takings::with_capture);
        assert_eq!(takings.captures(), all);
        assert_eq!((takings.kept(), takings.duplicates()), (&all[0], &all[1..]));
        assert_eq!(takings.clone().with_capture(all[3].clone()), takings, "known already");
    }
    let wrong = Takings::of(pence(2_500), all[3].clone());
    assert!(!wrong.as_wanted() && wrong.with_capture(all[0].clone()).as_wanted());
}

#[test]
fn a_refund_that_the_provider_refused_is_one_all_the_same_when_the_provider_says_so_later() {
    let refused = after(refunding(), &[Command::RecordRefundRejected { refund: own(), at: START }]);
    assert_eq!(of(&refused).refundable(of(&refused).kept()), 2_500);
    assert_eq!(JournalEntry::all_of(&refused).len(), 1, "no money moved");
    let made = after(refused, &[news("re_own", RefundStatus::Succeeded)]);
    assert_eq!(of(&made).refundable(of(&made).kept()), 1_500);
    assert_eq!(JournalEntry::all_of(&made).len(), 2);
}

#[test]
fn two_refunds_of_the_provider_under_one_id_of_ours_are_two() {
    let twice =
        after(refunding(), &[news("re_1", RefundStatus::Succeeded), news("re_2", RefundStatus::Succeeded)]);
    let kept = of(&twice);
    let asked_by: Vec<_> =
        kept.refunds().iter().map(|refund| refund.asked_by == Operator::provider()).collect();
    assert_eq!(asked_by.iter().filter(|by_provider| **by_provider).count(), 1);
    assert_eq!((asked_by.len(), kept.refundable(kept.kept())), (2, 500));
    let failed = after(twice, &[news("re_1", RefundStatus::Failed)]);
    assert_eq!(of(&failed).refundable(of(&failed).kept()), 1_500);
    assert_eq!(JournalEntry::all_of(&failed).len(), 4, "one failed, and both had left");
}

#[test]
fn a_refund_that_fails_late_left_when_we_saw_it_leave() {
    let told = |status, hour| match news("re_own", status) {
        Command::RecordRefund { news, .. } => Command::RecordRefund { news, at: hours(hour) },
        other => other,
    };
    let late = after(refunding(), &[told(RefundStatus::Succeeded, 1), told(RefundStatus::Failed, 200)]);
    let at_once = after(refunding(), &[told(RefundStatus::Failed, 200)]);
    let times = |donation: &Donation| match of(donation).refund(&own()).unwrap().state {
        RefundState::Failed { left_at, at, .. } => (left_at, at),
        _ => panic!("it failed"),
    };
    assert_eq!(times(&late), (hours(1), hours(200)));
    assert_eq!(times(&at_once), (hours(200), hours(200)));
}

#[test]
fn news_of_a_refund_that_is_told_again_later_changes_nothing() {
    for status in [RefundStatus::Pending, RefundStatus::Succeeded, RefundStatus::Failed] {
        let told = |hour| match news("re_own", status) {
            Command::RecordRefund { news, .. } => Command::RecordRefund { news, at: hours(hour) },
            other => other,
        };
        let once = after(refunding(), &[told(1)]);
        assert_eq!(once.decide(told(9)), Ok(vec![]), "{status:?}");
    }
}

#[test]
fn a_dispute_is_decided_once_and_keeps_when() {
    let told = |moved, hour| match disputes("dp_1", "pi_ours", DisputeStatus::Won, moved) {
        Command::RecordDispute { news, .. } => Command::RecordDispute { news, at: hours(hour) },
        other => other,
    };
    let won = after(with(captured()), &[told(Moved::Withdrawn, 1), told(Moved::Reinstated, 9)]);
    assert_eq!(of(&won).disputes()[0].decided_at, Some(hours(1)));
    let lost = told_at(disputes("dp_1", "pi_ours", DisputeStatus::Lost, Moved::Withdrawn), hours(5));
    assert_eq!(of(&after(with(captured()), &[lost])).disputes()[0].decided_at, Some(hours(5)));
}

#[test]
fn a_second_capture_that_the_donors_bank_took_back_has_gone_back() {
    let twice = after(with(captured()), &[captures("pi_other", 2_500, 1, START)]);
    assert_eq!(of(&twice).standing(), Standing::DuplicateCapture);
    let lost = disputes("dp_other", "pi_other", DisputeStatus::Lost, Moved::Withdrawn);
    assert_eq!(of(&after(twice, &[lost])).standing(), Standing::Captured);
}

#[test]
fn a_refund_of_which_the_provider_never_knows_is_begun_again_so_often_and_has_then_failed() {
    let absent = |day: u64| Command::RecordRefundAbsence {
        refund: own(),
        at: hours(25 * day),
        key_life: KeyLife::DAY,
    };
    let mut donation = refunding();
    for number in 2..=ATTEMPTS_MAX {
        donation = after(donation, &[absent(u64::from(number) - 1)]);
        let attempt = of(&donation).refund(&own()).unwrap().attempt.clone().unwrap();
        assert_eq!((attempt.number, attempt.first_called_at), (number, hours(25 * (u64::from(number) - 1))));
    }
    donation = after(donation, &[absent(u64::from(ATTEMPTS_MAX))]);
    assert!(of(&donation).refund(&own()).unwrap().has_failed());
    assert_eq!(of(&donation).refundable(of(&donation).kept()), 2_500, "it may be asked for again");
}

#[test]
fn money_that_was_put_back_is_booked_before_anybody_says_that_the_dispute_was_won() {
    let back =
        after(with(captured()), &[disputes("dp_1", "pi_ours", DisputeStatus::Open, Moved::Reinstated)]);
    assert_eq!(JournalEntry::all_of(&back).len(), 3, "the capture, the withdrawal and its return");
    let won = after(back.clone(), &[disputes("dp_1", "pi_ours", DisputeStatus::Won, Moved::Reinstated)]);
    assert_eq!(JournalEntry::all_of(&won), JournalEntry::all_of(&back));
}

#[test]
fn news_that_cannot_be_true_together_is_refused_and_changes_nothing() {
    let dispute = |status, moved| disputes("dp_1", "pi_ours", status, moved);
    let twice = after(with(captured()), &[captures("pi_other", 2_500, 1, START)]);
    let open = after(twice.clone(), &[dispute(DisputeStatus::Open, Moved::Withdrawn)]);
    let back = after(twice.clone(), &[dispute(DisputeStatus::Open, Moved::Reinstated)]);
    let lost = after(twice.clone(), &[dispute(DisputeStatus::Lost, Moved::Withdrawn)]);
    let mut more = dispute(DisputeStatus::Open, Moved::Withdrawn);
    if let Command::RecordDispute { news, .. } = &mut more {
        news.withdrawn = news.withdrawn.map(|withdrawn| Withdrawal { fee: None, ..withdrawn });
    }
    for (known, contrary) in [
        (&open, disputes("dp_1", "pi_other", DisputeStatus::Open, Moved::Withdrawn)),
        (&open, more),
        (&back, dispute(DisputeStatus::Lost, Moved::Withdrawn)),
        (&lost, dispute(DisputeStatus::Open, Moved::Reinstated)),
        (&lost, dispute(DisputeStatus::Won, Moved::Withdrawn)),
        (&twice, captures("pi_ours", 2_501, 0, START)),
    ] {
        assert_eq!(known.decide(contrary.clone()), Err(Refusal::Contradiction), "{contrary:?}");
    }
    let begun = refunding();
    let twice = after(begun, &[captures("pi_other", 2_500, 1, START)]);
    let turned = refunds(Some(own()), "re_own", "pi_other", 1_000, RefundStatus::Pending);
    assert_eq!(twice.decide(turned), Err(Refusal::Contradiction));
}

#[test]
fn a_refund_in_another_currency_than_its_capture_is_refused() {
    let yen = Money::from_minor(5, Currency::from_code("JPY").unwrap()).unwrap();
    let Command::RecordRefund { news, at } = news("re_own", RefundStatus::Pending) else {
        panic!("it is news")
    };
    let external = RefundNews { id: None, amount: yen, ..news };
    assert_eq!(
        with(captured()).decide(Command::RecordRefund { news: external, at }),
        Err(Refusal::Contradiction)
    );
    let Command::RequestRefund { request, at } = asks("own", None, None) else { panic!("it is a request") };
    let request = RefundRequest { amount: Some(yen), ..request };
    assert_eq!(with(captured()).decide(Command::RequestRefund { request, at }), Err(Refusal::RefundTooLarge));
}

#[test]
fn more_captures_refunds_or_disputes_than_a_donation_can_have_are_refused() {
    let name = |prefix: &str, number: usize| format!("{prefix}_{number:02}");
    let filled = |count, command: &dyn Fn(usize) -> Command| {
        let full = after(with(captured()), &(0..count).map(command).collect::<Vec<_>>());
        assert_eq!(full.decide(command(count)), Err(Refusal::TooMany));
        assert_eq!(full.decide(command(0)), Ok(vec![]), "a known one is none too many");
        full
    };
    filled(CAPTURES_MAX - 1, &|number| captures(&name("pi", number), 2_500, 1, START));
    let full = filled(REFUNDS_MAX, &|number| {
        refunds(None, &name("re", number), "pi_ours", 1, RefundStatus::Succeeded)
    });
    assert_eq!(full.decide(asks("own", None, Some(1))), Err(Refusal::TooMany));
    filled(DISPUTES_MAX, &|number| {
        disputes(&name("dp", number), "pi_ours", DisputeStatus::Inquiry, Moved::Nothing)
    });
}

#[test]
fn what_was_taken_twice_is_refunded_as_far_as_it_has_not_gone_back_and_only_once_begun_for_good() {
    let twice = after(with(captured()), &[captures("pi_other", 2_500, 1, START)]);
    let wanted = |donation: &Donation| -> Vec<u64> {
        let unbegun = of(donation).refunds().iter().filter(|refund| refund.is_unbegun());
        unbegun.map(|refund| refund.amount.minor()).collect()
    };
    let part = |status| refunds(None, "re_ext", "pi_other", 700, status);
    assert_eq!(wanted(&twice), [2_500]);
    let less = after(twice.clone(), &[part(RefundStatus::Pending)]);
    assert_eq!(wanted(&less), [1_800]);
    assert_eq!(wanted(&after(less.clone(), &[part(RefundStatus::Failed)])), [2_500]);
    let id = of(&less).refunds().iter().find(|refund| refund.is_unbegun()).unwrap().id.clone();
    let begun = after(less, &[starts(id.clone()), part(RefundStatus::Failed)]);
    assert_eq!(of(&begun).refund(&id).unwrap().amount, pence(1_800));
}

#[test]
fn every_name_of_the_money_is_read_back() {
    for reason in RefundReason::ALL {
        assert_eq!(RefundReason::parse(reason.name()), Some(reason));
    }
    for status in DisputeStatus::ALL {
        assert_eq!(DisputeStatus::parse(status.name()), Some(status));
    }
    assert_eq!((RefundReason::parse("Duplicate"), DisputeStatus::parse("")), (None, None));
    let (theirs, at) = (reference("re_own"), START);
    let failed = RefundState::Failed { reference: None, left_at: at, at };
    let succeeded = RefundState::Succeeded { reference: theirs.clone(), at };
    let states = [RefundState::Requested, RefundState::Pending { reference: theirs }, succeeded, failed];
    assert_eq!(states.map(|state| state.name()), ["requested", "pending", "succeeded", "failed"]);
    let names: std::collections::BTreeSet<_> = Standing::ALL.map(Standing::name).into();
    assert_eq!(names.len(), Standing::ALL.len());
    assert!(of(&with(captured())).capture(&reference("pi_none")).is_none());
}
