//! Paced calls, over several environments that share one world and its budgets.

use std::sync::{Arc, Mutex};

use adapters_memory::Call;
use app::connectors::Connectors;
use app::metered::{Account, Meter, Metered, WAIT_MAX};
use app::ports::{Budgets, Collection, Pause};
use domain::budget::{Budget, BudgetId, BudgetLimits, CallKind, CallsPerSecond};
use domain::currency::Currency;
use domain::ids::{Appeal, PaymentToken, Provider, ProviderKey, ProviderReference};
use domain::money::Money;
use domain::time::Timestamp;
use futures_util::future::join_all;
use futures_util::{StreamExt, stream};
use tests_stage::START;

use super::*;

const SPENT: PaymentOutcome = PaymentOutcome::NotExecuted { reason: "the provider's budget is spent" };
pub(super) const LEFT_ALONE: PaymentOutcome =
    PaymentOutcome::NotExecuted { reason: "the provider is not being called at present" };

pub(super) type Environment = Metered<Memory, Memory, Memory, Memory>;
pub(super) type Strike = Box<dyn FnMut(&Call, Timestamp) -> FaultChoice + Send>;

/// A world, and when each payment was asked of its provider.
pub(super) struct Play {
    pub(super) world: Memory,
    starts: Arc<Mutex<Vec<u64>>>,
}

impl Play {
    pub(super) fn new() -> Self {
        let play = Self { world: Memory::new(START), starts: Arc::default() };
        play.strike(Box::new(|_, _| FaultChoice::None));
        play
    }

    /// Lets faults strike from now on.
    pub(super) fn strike(&self, mut strike: Strike) {
        let (world, starts) = (self.world.clone(), Arc::clone(&self.starts));
        self.world.on_call(move |call| {
            let now = Clock::now(&world);
            if call.operation == Operation::CollectPayment {
                starts.lock().unwrap().push(now.since(START).as_millis());
            }
            strike(call, now)
        });
    }

    /// Lets one fault strike every call of this kind.
    fn strike_all(&self, operation: Operation, choice: FaultChoice) {
        self.strike(Box::new(
            move |call, _| {
                if call.operation == operation { choice } else { FaultChoice::None }
            },
        ));
    }

    pub(super) fn environment(&self, calls_per_second: u16) -> Environment {
        let budget = |kind| BudgetId::of("stripe", kind).unwrap();
        let account = Account { creates: budget(CallKind::Creates), reads: budget(CallKind::Reads) };
        let limits = BudgetLimits::below(CallsPerSecond::new(calls_per_second).unwrap());
        let (budgets, pause, clock) = (self.world.clone(), self.world.clone(), self.world.clone());
        Metered::new(self.world.clone(), account, Meter { budgets, pause, clock, limits })
    }

    /// Milliseconds since the play began.
    pub(super) fn now(&self) -> u64 {
        Clock::now(&self.world).since(START).as_millis()
    }

    /// When each payment was asked for, in sequence.
    pub(super) fn starts(&self) -> Vec<u64> {
        self.starts.lock().unwrap().clone()
    }

    fn most_in_a_second(&self) -> usize {
        let starts = self.starts();
        let within = |from: &u64| starts.iter().filter(|start| (*from..from + 1_000).contains(start)).count();
        starts.iter().map(within).max().unwrap_or(0)
    }
}

pub(super) fn collection(number: usize) -> Collection {
    let letters = (0..26_u32).map(|place| char::from(b'a' + u8::try_from((number >> place) & 1).unwrap()));
    let donation = DonationId::parse(&letters.collect::<String>()).unwrap();
    Collection {
        key: ProviderKey::of_attempt(&donation, 1),
        donation,
        appeal: Appeal::parse("winter-2026").unwrap(),
        amount: Money::from_minor(2_500, Currency::GBP).unwrap(),
        token: PaymentToken::parse(CARD).unwrap(),
        return_url: "http://127.0.0.1:8080".to_owned(),
        step_up: false,
    }
}

/// So many payments by one environment, ten at once.
pub(super) async fn collect_all(
    environment: &Environment,
    numbers: std::ops::Range<usize>,
) -> Vec<PaymentOutcome> {
    let calls =
        stream::iter(numbers).map(async |number| environment.collect(&collection(number)).await.said.outcome);
    calls.buffer_unordered(10).collect().await
}

pub(super) fn are_captured(outcomes: &[PaymentOutcome]) -> bool {
    outcomes.iter().all(|outcome| matches!(outcome, PaymentOutcome::Captured { .. }))
}

#[tokio::test]
async fn ten_environments_together_never_exceed_the_provider_s_limit_and_leave_little_of_it_unused() {
    let play = Play::new();
    let environments: Vec<_> = (0..10).map(|_| play.environment(25)).collect();
    let work = environments.iter().enumerate().map(|(nth, one)| collect_all(one, nth * 40..nth * 40 + 40));
    let outcomes: Vec<_> = join_all(work).await.into_iter().flatten().collect();
    assert_eq!(outcomes.len(), 400);
    assert!(are_captured(&outcomes), "each had its turn in time: {outcomes:?}");
    assert!(play.most_in_a_second() <= 24, "{}", play.most_in_a_second());
    // 400 calls, one every 42 ms.
    assert!(play.now() <= 18_500, "{} ms", play.now());
}

#[tokio::test]
async fn a_call_whose_turn_does_not_come_in_time_is_not_executed_and_nothing_is_sent() {
    let play = Play::new();
    let environments: Vec<_> = (0..5).map(|_| play.environment(1)).collect();
    let work = environments.iter().enumerate().map(|(nth, one)| collect_all(one, nth * 10..nth * 10 + 10));
    let outcomes: Vec<_> = join_all(work).await.into_iter().flatten().collect();
    let held = outcomes.iter().filter(|outcome| **outcome == SPENT).count();
    assert_eq!((outcomes.len(), play.starts().len()), (50, 50 - held));
    assert_eq!(play.starts(), (0..=8).map(|second| second * 1_000).collect::<Vec<_>>());
    assert_eq!(play.now(), WAIT_MAX.as_millis(), "and nobody waits longer");
}

#[tokio::test]
async fn five_faults_in_a_row_of_one_environment_open_the_breaker_for_all_and_one_success_closes_it() {
    let play = Play::new();
    let (one, other) = (play.environment(25), play.environment(25));
    play.strike_all(Operation::CollectPayment, FaultChoice::UnknownNotApplied);
    for number in 0..5 {
        let outcome = one.collect(&collection(number)).await.said.outcome;
        assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
    }
    let opened = play.now();
    play.strike(Box::new(|_, _| FaultChoice::None));
    assert!(are_captured(&collect_all(&other, 10..20).await));
    let probe = play.starts()[5];
    assert!(probe >= opened + 2_000, "nothing is sent while it is open: {:?}", play.starts());
    assert!(play.starts()[6] > probe, "one goes ahead of the others");
    assert_eq!(play.world.budget_items()[0].openings, None);
    let before = play.now();
    assert!(are_captured(&collect_all(&one, 20..25).await));
    assert!(play.now() < before + 1_000, "all is as it was");
}

#[tokio::test]
async fn a_call_that_began_before_the_breaker_opened_closes_it_when_the_provider_answers_well() {
    let play = Play::new();
    let environment = play.environment(25);
    let mut calls = 0;
    play.strike(Box::new(move |call, _| {
        calls += u32::from(call.operation == Operation::CollectPayment);
        match (call.operation, calls) {
            (Operation::CollectPayment, 1) => FaultChoice::Slow(Span::seconds(1)),
            (Operation::CollectPayment, _) => FaultChoice::UnknownNotApplied,
            _ => FaultChoice::None,
        }
    }));
    let openings = || play.world.budget_items()[0].openings;
    let begun_before = collection(0);
    let failing = async {
        for number in 1..6 {
            environment.collect(&collection(number)).await;
        }
        assert_eq!((openings(), play.now() < 1_000), (Some(1), true), "the first is still under way");
    };
    let (first, ()) = tokio::join!(environment.collect(&begun_before), failing);
    assert!(are_captured(&[first.said.outcome]));
    assert_eq!(openings(), None);
}

#[tokio::test]
async fn an_open_breaker_delays_and_lets_through_no_more_than_probes() {
    let play = Play::new();
    let environments = [play.environment(25), play.environment(25)];
    play.strike_all(Operation::CollectPayment, FaultChoice::UnknownNotApplied);
    let mut number = 0;
    let mut delayed = 0;
    // Ten minutes of a provider that is down.
    while play.now() < 600_000 {
        let work = environments.iter().map(|one| collect_all(one, number..number + 10));
        let outcomes: Vec<_> = join_all(work).await.into_iter().flatten().collect();
        delayed += outcomes.iter().filter(|outcome| **outcome == LEFT_ALONE).count();
        number += 10;
    }
    assert!(delayed > 500, "{delayed} were put off");
    // Those under way when it opened, then one after 2, 4 and 8 s and every 15 s.
    assert!(play.starts().len() < 65, "{:?}", play.starts());
    play.strike(Box::new(|_, _| FaultChoice::None));
    play.world.advance(Span::seconds(16));
    let before = play.now();
    assert!(are_captured(&collect_all(&environments[0], 0..10).await));
    assert!(play.now() < before + 2_000, "it recovers by itself");
}

#[tokio::test]
async fn a_call_that_waits_for_its_moment_stays_away_once_another_environment_has_opened_the_breaker() {
    let play = Play::new();
    // One call a second: most of these wait for seconds with a moment of their own.
    let environment = play.environment(2);
    let another = async {
        play.world.pause(Span::millis(1_500)).await;
        let creates = BudgetId::of("stripe", CallKind::Creates).unwrap();
        let (budget, version) = Budgets::load(&play.world, &creates).await.unwrap();
        let open_until = Some(Clock::now(&play.world).plus(Span::seconds(15)));
        let open = Budget { openings: 4, open_until, ..budget };
        Budgets::save(&play.world, &creates, &open, version).await.unwrap();
    };
    let (outcomes, ()) = tokio::join!(collect_all(&environment, 0..6), another);
    assert!(play.starts().last().unwrap() < &2_600, "news reaches all in a second: {:?}", play.starts());
    let left_alone = outcomes.iter().filter(|outcome| **outcome == LEFT_ALONE).count();
    assert_eq!(left_alone + play.starts().len(), 6);
}

#[tokio::test]
async fn a_decline_is_the_provider_s_answer_and_opens_nothing() {
    let play = Play::new();
    let environment = play.environment(25);
    for number in 0..20 {
        let token = PaymentToken::parse("pm_card_chargeDeclined").unwrap();
        let outcome = environment.collect(&Collection { token, ..collection(number) }).await.said.outcome;
        assert!(matches!(outcome, PaymentOutcome::Declined { .. }), "{outcome:?}");
    }
    assert_eq!(play.world.budget_items()[0].openings, None);
}

#[tokio::test]
async fn a_call_that_is_refused_for_its_rate_slows_all_and_is_made_again_in_its_turn() {
    let play = Play::new();
    let mut refusals = 1;
    play.strike(Box::new(move |call, _| match call.operation {
        Operation::CollectPayment if refusals > 0 => {
            refusals -= 1;
            FaultChoice::Throttle
        }
        _ => FaultChoice::None,
    }));
    let (one, other) = (play.environment(25), play.environment(25));
    assert!(are_captured(&[one.collect(&collection(0)).await.said.outcome]));
    assert_eq!(play.starts().len(), 2);
    let slowed = play.world.budget_items()[0].clone();
    assert_eq!(slowed.slowed_rate, Some(12));
    assert!(are_captured(&collect_all(&other, 10..30).await));
    assert!(play.most_in_a_second() <= 14, "{:?}", play.starts());
    assert_eq!(play.world.budget_items()[0].slowed_rate, Some(12), "it grows back without a write");
}

#[tokio::test]
async fn an_account_that_allows_less_than_was_said_is_called_ever_more_slowly_and_never_declines() {
    let play = Play::new();
    // The provider takes five a second, whatever the setting says.
    let mut seconds = std::collections::BTreeMap::new();
    play.strike(Box::new(move |call, now| {
        if call.operation != Operation::CollectPayment {
            return FaultChoice::None;
        }
        let count = seconds.entry(now.as_seconds()).or_insert(0);
        *count += 1;
        if *count > 5 { FaultChoice::Throttle } else { FaultChoice::None }
    }));
    let environments: Vec<_> = (0..4).map(|_| play.environment(25)).collect();
    let mut outcomes = Vec::new();
    for round in 0..10 {
        let work = environments.iter().enumerate().map(|(nth, one)| {
            let first = round * 40 + nth * 10;
            collect_all(one, first..first + 10)
        });
        outcomes.extend(join_all(work).await.into_iter().flatten());
    }
    let captured = play.world.provider_payments().len();
    let refused = play.starts().len() - captured;
    assert!(captured > 200, "{captured} captured in {} ms", play.now());
    assert!(refused * 3 < captured, "{refused} calls were refused, {captured} were not");
    let is_delay = |outcome: &PaymentOutcome| {
        matches!(outcome, PaymentOutcome::Captured { .. } | PaymentOutcome::NotExecuted { .. })
    };
    assert!(outcomes.iter().all(is_delay));
}

#[tokio::test]
async fn without_the_store_of_budgets_each_environment_goes_on_under_a_small_limit_of_its_own() {
    for (operation, choice) in [
        (Operation::LoadBudget, FaultChoice::Throttle),
        (Operation::SaveBudget, FaultChoice::UnknownNotApplied),
        (Operation::SaveBudget, FaultChoice::UnknownApplied),
    ] {
        let play = Play::new();
        play.strike_all(operation, choice);
        let environments = [play.environment(25), play.environment(25)];
        let work =
            environments.iter().enumerate().map(|(nth, one)| collect_all(one, nth * 10..nth * 10 + 10));
        let outcomes: Vec<_> = join_all(work).await.into_iter().flatten().collect();
        assert!(are_captured(&outcomes), "{operation:?} {choice:?}: {outcomes:?}");
        assert!(play.most_in_a_second() <= 4, "{operation:?} {choice:?}: {:?}", play.starts());
        play.strike(Box::new(|_, _| FaultChoice::None));
        play.world.pause(Span::seconds(2)).await;
        let before = play.now();
        assert!(are_captured(&collect_all(&environments[0], 100..110).await));
        assert!(play.now() < before + 1_000, "{operation:?} {choice:?}: back to the shared budget");
    }
}

#[tokio::test]
async fn questions_have_a_budget_of_their_own() {
    let play = Play::new();
    let environment = play.environment(25);
    environment.collect(&collection(0)).await;
    play.strike_all(Operation::CollectPayment, FaultChoice::UnknownNotApplied);
    for number in 1..6 {
        environment.collect(&collection(number)).await;
    }
    let before = play.now();
    let reference = ProviderReference::parse("pi_000000000001").unwrap();
    assert!(are_captured(&[environment.look_up(&reference).await.said]));
    assert_eq!(play.now(), before, "it waits for nothing");
    let names: Vec<_> = play.world.budget_items().into_iter().map(|item| (item.id, item.openings)).collect();
    let expected = [("budget#stripe#creates", Some(1)), ("budget#stripe#reads", None)];
    assert_eq!(names, expected.map(|(id, openings)| (id.to_owned(), openings)));
}

/// The function with its provider behind a meter.
async fn announce_metered(stage: &Stage, id: &DonationId) -> Vec<String> {
    let world = &stage.world;
    let budget = |kind| BudgetId::of("stripe", kind).unwrap();
    let account = Account { creates: budget(CallKind::Creates), reads: budget(CallKind::Reads) };
    let limits = BudgetLimits::below(CallsPerSecond::new(25).unwrap());
    let meter = Meter { budgets: world.clone(), pause: world.clone(), clock: world.clone(), limits };
    let InMemory { donations, events, addresses, clock, screening, .. } = take_payment(stage);
    let paced = Metered::new(world.clone(), account, meter);
    let connectors = Connectors::new(vec![(Provider::STRIPE, paced)]);
    let metered = TakePayment { donations, events, connectors, addresses, clock, screening };
    let batch = [message(DonationEventType::DonationAcceptedV1, id)];
    returned(handle(&metered, &Parking(world.clone()), messages(stage, &batch)).await.unwrap())
}

#[tokio::test]
async fn a_message_whose_call_has_no_turn_is_done_with_and_its_donation_is_neither_lost_nor_declined() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    let budget = Budget { openings: 5, open_until: Some(START.plus(Span::seconds(60))), ..Budget::FRESH };
    let creates = BudgetId::of("stripe", CallKind::Creates).unwrap();
    Budgets::save(&stage.world, &creates, &budget, 0).await.unwrap();
    assert!(announce_metered(&stage, &id).await.is_empty(), "it uses up none of its receives");
    assert_eq!(stage.count(Operation::CollectPayment), 0);
    let donation = stage.donation(&id).await;
    assert!(matches!(donation.payment, Payment::Collecting { .. }), "{:?}", donation.payment);
    assert!(donation.next_check.is_some(), "the completer looks at it");
    assert!(stage.world.parked().is_empty());

    stage.world.advance(Span::seconds(60));
    assert!(announce_metered(&stage, &id).await.is_empty());
    assert!(matches!(stage.donation(&id).await.payment, Payment::Captured { .. }));
}

#[tokio::test]
async fn a_list_that_cannot_be_read_now_proves_nothing_and_uses_up_no_message() {
    let stage = Stage::new();
    let id = stage.accept(ID, CARD).await;
    stage.strike(Operation::CollectPayment, FaultChoice::UnknownApplied);
    announce_metered(&stage, &id).await;
    stage.world.advance(Span::hours(40));
    stage.strike(Operation::ListPayments, FaultChoice::UnknownNotApplied);
    assert!(announce_metered(&stage, &id).await.is_empty());
    assert!(matches!(stage.donation(&id).await.payment, Payment::Unknown { .. }));
    assert!(announce_metered(&stage, &id).await.is_empty());
    assert_eq!(stage.donation(&id).await.payment.money_taken(), MoneyTaken::Yes);
    assert_eq!(stage.world.provider_payments().len(), 1);
}

#[tokio::test]
async fn the_time_that_a_call_may_take_includes_its_wait() {
    let play = Play::new();
    let alone = play.world.call_millis_max();
    assert_eq!(play.environment(25).call_millis_max(), alone + WAIT_MAX.as_millis());
}
