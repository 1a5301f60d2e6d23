//! What the provider is asked about a line of its balance, and what is not asked again.

use app::ports::PaymentProvider;
use domain::takings::{DisputeNews, DisputeStatus, RefundNews, RefundStatus, Standing, Withdrawal};

use super::*;

/// The questions that a run may put, but for the list itself.
const QUESTIONS: [Operation; 4] =
    [Operation::LookUpPayment, Operation::LookUpRefund, Operation::LookUpDispute, Operation::LookUpDonation];

fn asked(stage: &Stage) -> [usize; 4] {
    QUESTIONS.map(|operation| stage.count(operation))
}

/// Runs, checks that nothing could not be dealt with, and gives what was asked for it.
async fn asked_by_a_run(stage: &Stage) -> (Run, [usize; 4]) {
    let before = asked(stage);
    let run = run(stage).await.unwrap();
    assert_eq!((run.faults, run.unfinished), (0, 0));
    let after = asked(stage);
    (run, [0, 1, 2, 3].map(|index| after[index] - before[index]))
}

/// A donation whose payment the provider has collected, with a payout's line for it that names no donation, as
/// GoCardless's do.
async fn debited(stage: &Stage) -> (DonationId, ProviderReference) {
    let id = unheard(stage).await;
    let payment = stage.world.provider_payments()[0].reference.clone();
    line(stage, 2, came(&payment), START);
    (id, payment)
}

fn came(payment: &ProviderReference) -> MovementCause {
    MovementCause::Charge { payment: payment.clone(), amount: gbp(2_500) }
}

fn gone(payment: &ProviderReference) -> MovementCause {
    MovementCause::TakenBack { payment: payment.clone(), amount: gbp(2_500) }
}

fn line(stage: &Stage, number: u32, cause: MovementCause, occurred_at: Timestamp) {
    stage.world.add_movement(Movement { occurred_at, ..movement(number, cause) });
}

/// The provider says of the `time`th taking back what became of it.
fn says(stage: &Stage, payment: &ProviderReference, time: u32, is_given_back: bool) {
    let moved = Withdrawal { amount: gbp(2_500), fee: None };
    stage.world.set_dispute(DisputeNews {
        reference: ProviderReference::of_taken_back(payment, time),
        payment: payment.clone(),
        status: if is_given_back { DisputeStatus::Won } else { DisputeStatus::Lost },
        withdrawn: Some(moved),
        reinstated: is_given_back.then_some(moved),
    });
}

/// What was announced, once each: of two lines that are looked at at once, each may announce what both found.
fn told(stage: &Stage) -> Vec<DonationEventType> {
    let mut kinds: Vec<_> = stage.world.take_events().into_iter().map(|event| event.kind).collect();
    kinds.dedup();
    kinds
}

async fn standing(stage: &Stage, id: &DonationId) -> Standing {
    stage.donation(id).await.payment.takings().unwrap().standing()
}

async fn owed(stage: &Stage, id: &DonationId) -> Vec<EntryKind> {
    stage.donation(id).await.entries_owed().map(|entry| entry.subject().kind).collect()
}

#[tokio::test]
async fn a_payment_that_is_gone_before_anybody_heard_of_it_is_captured_and_lost_in_whatever_sequence() {
    for is_first in [true, false] {
        let stage = Stage::new();
        let id = unheard(&stage).await;
        let payment = stage.world.provider_payments()[0].reference.clone();
        says(&stage, &payment, 1, false);
        let mut causes = vec![came(&payment), gone(&payment)];
        if is_first {
            causes.reverse();
        }
        for (number, cause) in (2..).zip(causes) {
            line(&stage, number, cause, START);
        }
        asked_by_a_run(&stage).await;
        assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
        let kinds = [EntryKind::Capture, EntryKind::DisputeOpened, EntryKind::DisputeLost];
        assert_eq!(owed(&stage, &id).await, kinds);
        let (run, asked) = asked_by_a_run(&stage).await;
        assert_eq!(
            (run.found, asked),
            (0, [0, 0, 0, 2]),
            "two lines name no donation, and nothing else is asked"
        );
    }
}

#[tokio::test]
async fn what_was_taken_back_of_nobodys_is_on_the_work_list_once_and_no_fault() {
    let stage = Stage::new();
    line(&stage, 1, came(&reference("PM0STRAY")), START);
    line(&stage, 2, gone(&reference("PM0STRAY")), START);
    for _ in 0..3 {
        asked_by_a_run(&stage).await;
    }
    let work = stage.world.work_items();
    let [item] = &work[..] else { panic!("{work:?}") };
    assert_eq!(
        (item.kind, item.minor, item.reference.as_str()),
        (WorkKind::OrphanPayment, Some(2_500), "PM0STRAY")
    );
}

#[tokio::test]
async fn a_taking_back_that_the_provider_tells_no_more_of_is_booked_as_its_list_has_it() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    line(&stage, 3, gone(&payment), START);
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    let (run, asked) = asked_by_a_run(&stage).await;
    assert_eq!((run.found, asked), (0, [0, 0, 0, 2]));
}

#[tokio::test]
async fn money_that_is_listed_as_come_again_is_not_found_before_the_provider_says_so() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    line(&stage, 3, gone(&payment), START);
    says(&stage, &payment, 1, false);
    asked_by_a_run(&stage).await;
    stage.world.advance(Span::hours(1));
    line(&stage, 4, came(&payment), stage.world.now());
    for _ in 0..2 {
        let (run, asked) = asked_by_a_run(&stage).await;
        assert_eq!((run.found, asked), (0, [0, 0, 1, 3]), "it is asked about again");
        assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    }
    says(&stage, &payment, 1, true);
    assert_eq!(asked_by_a_run(&stage).await.0.found, 1);
    assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
}

#[tokio::test]
async fn money_that_comes_again_and_goes_again_is_asked_about_each_time_once() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    line(&stage, 3, gone(&payment), START);
    says(&stage, &payment, 1, false);
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);

    stage.world.advance(Span::hours(1));
    says(&stage, &payment, 1, true);
    line(&stage, 4, came(&payment), stage.world.now());
    let (run, asked) = asked_by_a_run(&stage).await;
    assert_eq!((run.found, asked), (1, [0, 0, 2, 3]));
    assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 0, 3]);

    stage.world.advance(Span::hours(1));
    says(&stage, &payment, 2, false);
    line(&stage, 5, gone(&payment), stage.world.now());
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 1, 4]);
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 0, 4]);
}

fn disputed(payment: &ProviderReference, is_gain: bool) -> MovementCause {
    MovementCause::Dispute { dispute: reference("du_1"), payment: Some(payment.clone()), is_gain }
}

#[tokio::test]
async fn a_dispute_is_looked_up_until_it_is_decided_and_not_after_that() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    let news = |status, back: Option<u64>| DisputeNews {
        reference: reference("du_1"),
        payment: payment.clone(),
        status,
        withdrawn: Some(Withdrawal { amount: gbp(2_500), fee: Some(gbp(2_000)) }),
        reinstated: back.map(|minor| Withdrawal { amount: gbp(minor), fee: None }),
    };
    stage.world.set_dispute(news(DisputeStatus::Open, None));
    line(&stage, 3, disputed(&payment, false), START);
    // Its line comes first, and nobody has heard of the capture.
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::Disputed);
    let (run, asked) = asked_by_a_run(&stage).await;
    assert_eq!((run.found, asked), (0, [0, 0, 1, 2]), "it may have been lost meanwhile, and was not");

    stage.world.set_dispute(news(DisputeStatus::Won, Some(2_500)));
    line(&stage, 4, disputed(&payment, true), START);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 2, 3]);
    assert_eq!(standing(&stage, &id).await, Standing::DisputeWon);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 0, 3]);
}

#[tokio::test]
async fn a_dispute_that_was_lost_without_a_line_and_without_a_webhook_is_lost_here_too() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    let news = |status| DisputeNews {
        reference: reference("du_1"),
        payment: payment.clone(),
        status,
        withdrawn: Some(Withdrawal { amount: gbp(2_500), fee: None }),
        reinstated: None,
    };
    stage.world.set_dispute(news(DisputeStatus::Open));
    line(&stage, 3, disputed(&payment, false), START);
    asked_by_a_run(&stage).await;
    stage.world.set_dispute(news(DisputeStatus::Lost));
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::DisputeLost);
    assert_eq!(asked_by_a_run(&stage).await.1[2], 0);
    stage.world.advance(Span::hours(1));
    line(&stage, 4, came(&payment), stage.world.now());
    assert_eq!(
        asked_by_a_run(&stage).await.1[2],
        0,
        "a dispute is no taking back, after which money comes again"
    );
}

#[tokio::test]
async fn a_known_refund_is_not_looked_up_again_and_its_return_is() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    let news = |status| RefundNews {
        id: None,
        reference: reference("re_1"),
        payment: payment.clone(),
        amount: gbp(2_500),
        status,
    };
    let refund = |is_gain| MovementCause::Refund {
        refund: reference("re_1"),
        payment: Some(payment.clone()),
        is_gain,
    };
    stage.world.set_refund(news(RefundStatus::Succeeded));
    line(&stage, 3, refund(false), START);
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::Refunded);
    assert_eq!(told(&stage), [DonationEventType::PaymentCapturedV1, DonationEventType::PaymentReversedV1]);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 0, 2]);
    assert!(stage.world.work_items().is_empty());

    stage.world.set_refund(news(RefundStatus::Failed));
    line(&stage, 4, refund(true), START);
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 1, 0, 3]);
    assert_eq!(standing(&stage, &id).await, Standing::Captured);
    assert_eq!(told(&stage), [DonationEventType::PaymentReversedV1]);
    let work: Vec<_> = stage.world.work_items().into_iter().map(|item| (item.kind, item.minor)).collect();
    assert_eq!(work, [(WorkKind::RefundFailed, Some(2_500))], "somebody has to see to it");
    assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 0, 3]);
    assert_eq!(told(&stage), []);
}

#[tokio::test]
async fn a_refund_or_dispute_of_nobodys_payment_is_asked_about_once_a_run_and_reported_once() {
    let stage = Stage::new();
    let stray = reference("pi_stray");
    stage.world.set_dispute(DisputeNews {
        reference: reference("du_1"),
        payment: stray.clone(),
        status: DisputeStatus::Open,
        withdrawn: Some(Withdrawal { amount: gbp(2_500), fee: None }),
        reinstated: None,
    });
    line(&stage, 1, disputed(&stray, false), START);
    for _ in 0..2 {
        assert_eq!(asked_by_a_run(&stage).await.1, [0, 0, 1, 1], "whose it is, and how much");
    }
    assert_eq!(stage.world.work_items().len(), 1);
    let known = stage.world.look_up_dispute(&reference("du_1")).await.said.unwrap();
    assert_eq!(known.unwrap().payment, stray);
}

#[tokio::test]
async fn a_refund_or_dispute_whose_line_names_nothing_is_its_payments_donations() {
    let stage = Stage::new();
    let (id, payment) = debited(&stage).await;
    stage.world.set_dispute(DisputeNews {
        reference: reference("du_1"),
        payment: payment.clone(),
        status: DisputeStatus::Open,
        withdrawn: Some(Withdrawal { amount: gbp(2_500), fee: None }),
        reinstated: None,
    });
    let unnamed = MovementCause::Dispute { dispute: reference("du_1"), payment: None, is_gain: false };
    line(&stage, 3, unnamed, START);
    asked_by_a_run(&stage).await;
    assert_eq!(standing(&stage, &id).await, Standing::Disputed);
    assert!(stage.world.work_items().is_empty(), "it is nobody else's");
}

fn settled(stage: &Stage, number: u32, cause: MovementCause) {
    let settled_with = Some(reference("PO1"));
    stage.world.add_movement(Movement { settled_with, ..movement(number, cause) });
}

fn transfer() -> MovementCause {
    MovementCause::Payout { payout: reference("PO1"), amount: gbp(2_500) }
}

#[tokio::test]
async fn what_a_booked_payout_is_made_of_is_not_asked_about_again() {
    let stage = Stage::new();
    let id = unheard(&stage).await;
    let payment = stage.world.provider_payments()[0].reference.clone();
    settled(&stage, 2, came(&payment));
    settled(&stage, 3, came(&reference("PM0STRAY")));
    settled(&stage, 4, transfer());
    let (run, asked) = asked_by_a_run(&stage).await;
    assert_eq!((run.known + run.found, asked[3]), (4, 2));
    assert_eq!(standing(&stage, &id).await, Standing::Captured);
    let (run, asked) = asked_by_a_run(&stage).await;
    assert_eq!((run.known, run.found, asked), (4, 0, [0; 4]));
    assert_eq!(stage.world.work_items().len(), 1);

    let returned = MovementCause::PayoutFailed { payout: reference("PO1"), amount: gbp(2_500) };
    settled(&stage, 5, returned);
    asked_by_a_run(&stage).await;
    assert!(kinds(&stage).contains(&"payout_failed".to_owned()), "a return is booked all the same");
}

#[tokio::test]
async fn a_payout_is_not_booked_before_all_that_it_is_made_of_is_dealt_with() {
    let stage = Stage::new();
    let id = unheard(&stage).await;
    let payment = stage.world.provider_payments()[0].reference.clone();
    // The other line of the payment names its donation; this one has to ask.
    settled(&stage, 2, transfer());
    settled(&stage, 3, came(&payment));
    stage.strike(Operation::LookUpDonation, FaultChoice::Throttle);
    assert_eq!(run(&stage).await.unwrap().faults, 1);
    assert!(!kinds(&stage).contains(&"payout".to_owned()), "{:?}", kinds(&stage));
    asked_by_a_run(&stage).await;
    assert!(kinds(&stage).contains(&"payout".to_owned()));
    assert_eq!(standing(&stage, &id).await, Standing::Captured);
    assert_eq!(asked_by_a_run(&stage).await.1, [0; 4]);
}
