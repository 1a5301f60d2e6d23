use proptest::prelude::*;

use super::*;

const START: Timestamp = Timestamp::from_millis(1_795_204_800_000);

fn limits(calls: u16, burst: u16) -> BudgetLimits {
    let calls_per_second = CallsPerSecond::new(calls).unwrap();
    BudgetLimits { calls_per_second, burst, ..BudgetLimits::below(calls_per_second) }
}

fn standard() -> BudgetLimits {
    BudgetLimits::below(CallsPerSecond::new(25).unwrap())
}

/// Lends at this moment; the calls must be there.
fn lent(budget: Budget, now: Timestamp, count: u16) -> (Budget, Lease) {
    let (budget, lease) = budget.lend(now, count, &standard());
    (budget, lease.unwrap())
}

/// A budget whose breaker this many faults in sequence have opened, each as soon as it could happen, and when.
fn tripped(times: u32) -> (Budget, Timestamp) {
    let (mut budget, mut now) = (Budget::FRESH, START);
    for _ in 0..times {
        now = budget.open_until.unwrap_or(now);
        let (after, lease) = lent(budget, now, 1);
        budget = after.on_fault(lease.terms, now, &standard());
    }
    (budget, now)
}

#[test]
fn a_first_call_may_start_at_once_and_the_next_ones_at_an_even_pace() {
    let (budget, lease) = lent(Budget::FRESH, START, 3);
    // 24 a second, rounded up to whole milliseconds between two.
    let starts: Vec<_> = lease.starts().map(|start| start.since(START).as_millis()).collect();
    assert_eq!(starts, [0, 42, 84]);
    let (_, next) = lent(budget, START, 1);
    assert_eq!(next.first_at, START.plus(Span::millis(126)));
}

#[test]
fn nothing_is_lent_further_ahead_than_the_lead() {
    let (budget, lease) = lent(Budget::FRESH, START, u16::MAX);
    let last = lease.starts().last().unwrap();
    assert!(last.since(START) <= standard().lead);
    assert_eq!(budget.lend(START, 1, &standard()).1, Err(Held::Spent));
    assert!(budget.lend(START.plus(Span::millis(42)), 1, &standard()).1.is_ok(), "time gives it back");
    let (_, rest) = lent(lent(Budget::FRESH, START, 100).0, START, u16::MAX);
    assert_eq!(rest.starts().last(), Some(last), "what was lent before counts");
    let at_the_lead = Budget { free_at: START.plus(standard().lead), ..Budget::FRESH };
    assert_eq!(lent(at_the_lead, START, 5).1.count, 1);
}

#[test]
fn a_refusal_halves_the_pace_and_the_others_of_its_generation_change_nothing() {
    let (budget, lease) = lent(Budget::FRESH, START, 5);
    let slowed = budget.on_refused(lease.terms, START, &standard());
    assert_eq!(slowed.rate(START, &standard()), 12);
    assert_eq!(slowed.on_refused(lease.terms, START, &standard()), slowed, "the same news again");
    let (again, lease) = lent(slowed, START, 1);
    assert_eq!(again.on_refused(lease.terms, START, &standard()).rate(START, &standard()), 6);
}

#[test]
fn a_pace_never_falls_below_one_call_a_second_and_grows_back_by_itself() {
    let mut budget = Budget::FRESH;
    for _ in 0..10 {
        budget = budget.on_refused(budget.terms(), START, &standard());
    }
    let rate_after = |seconds| budget.rate(START.plus(Span::seconds(seconds)), &standard());
    assert_eq!([rate_after(0), rate_after(10), rate_after(30), rate_after(60)], [1, 5, 13, 24]);
    let (grown, _) = lent(budget, START.plus(Span::seconds(60)), 1);
    assert_eq!(grown.slowed, None, "and is forgotten by whoever lends next");
}

#[test]
fn an_open_breaker_lends_nothing_and_then_single_probes() {
    let (budget, opened_at) = tripped(1);
    let until = budget.open_until.unwrap();
    assert_eq!(until, opened_at.plus(Span::seconds(2)));
    for wait in [0, 1, 1_999] {
        let (after, held) = budget.lend(opened_at.plus(Span::millis(wait)), 1, &standard());
        assert_eq!((after, held), (budget, Err(Held::Open)), "{wait} ms");
    }
    let (budget, probe) = lent(budget, until, 5);
    assert_eq!((probe.first_at, probe.count, probe.terms.is_probe()), (until, 1, true));
    assert_eq!(budget.lend(until.plus(Span::millis(999)), 1, &standard()).1, Err(Held::Open));
    let (_, probe) = lent(budget, until.plus(Span::seconds(1)), 1);
    assert_eq!(probe.count, 1);
}

#[test]
fn each_probe_that_fails_doubles_the_wait_up_to_a_quarter_of_a_minute() {
    let waits = [1, 2, 3, 4, 5, 6, 70].map(|times| {
        let (budget, at) = tripped(times);
        budget.open_until.unwrap().since(at).as_millis() / 1_000
    });
    assert_eq!(waits, [2, 4, 8, 15, 15, 15, 15]);
}

#[test]
fn one_success_closes_the_breaker() {
    let (budget, at) = tripped(6);
    let closed = budget.on_success();
    assert!(budget.is_tripped() && !closed.is_tripped());
    let (_, lease) = lent(closed, at.plus(Span::seconds(1)), 5);
    assert_eq!(lease.count, 5);
}

#[test]
fn calls_that_were_under_way_when_the_breaker_opened_do_not_open_it_further() {
    let (budget, lease) = lent(Budget::FRESH, START, 5);
    let open = budget.on_fault(lease.terms, START, &standard());
    let late = START.plus(Span::seconds(10));
    assert_eq!(open.on_fault(lease.terms, late, &standard()), open);
    assert!(lease.terms.is_before_opening_of(&open.terms()));
    assert!(!open.terms().is_before_opening_of(&open.terms()), "it has not opened again since");
    assert!(!open.terms().is_before_opening_of(&lease.terms) && !lease.terms.is_probe());
}

#[test]
fn what_a_clock_that_is_ahead_wrote_is_believed_as_far_as_clocks_may_differ() {
    let (limits, horizon) = (standard(), START.plus(CLOCKS_DIFFER_MAX));
    let millisecond = Span::millis(1);
    let written = |slowed_at, open_until| {
        let slowed = Some(Slowed { at: slowed_at, rate: 1 });
        let after = Budget { slowed, openings: 1, open_until, ..Budget::FRESH }.lend(START, 1, &limits).0;
        (after.slowed.unwrap().at, after.open_until.unwrap())
    };
    let open = horizon.plus(limits.cool_down_max);
    assert_eq!(written(horizon, Some(open)), (horizon, open));
    let cooled = START.plus(limits.cool_down_max);
    assert_eq!(written(horizon.plus(millisecond), Some(open.plus(millisecond))), (START, cooled));
}

#[test]
fn a_provider_is_paced_a_little_below_what_it_allows() {
    let paced = |calls| BudgetLimits::below(CallsPerSecond::new(calls).unwrap()).calls_per_second.get();
    assert_eq!([1, 2, 25, 100, 1_000].map(paced), [1, 1, 24, 95, 950]);
}

#[test]
fn a_rate_is_a_whole_number_from_1_to_1000() {
    assert_eq!(CallsPerSecond::parse("25").map(CallsPerSecond::get), Ok(25));
    for text in ["0", "1001", "-1", "2.5", "", " 25", "many"] {
        assert_eq!(CallsPerSecond::parse(text), Err(BadRate), "{text:?}");
    }
}

#[test]
fn a_budget_is_named_by_account_and_kind() {
    let name = |account| BudgetId::of(account, CallKind::Creates).map(|id| id.as_str().to_owned());
    assert_eq!(name("stripe"), Some("stripe#creates".to_owned()));
    assert_eq!(name("uk-2"), Some("uk-2#creates".to_owned()));
    assert_eq!(BudgetId::of("stripe", CallKind::Reads).unwrap().as_str(), "stripe#reads");
    let account = |account| BudgetId::of(account, CallKind::Reads).map(|id| id.account().to_owned());
    assert_eq!(account("direct-debit"), Some("direct-debit".to_owned()));
    for account in ["", "s", "Stripe", "stripe#2", "a b", &"s".repeat(33)] {
        assert_eq!(name(account), None, "{account:?}");
    }
}

/// Something that happens to a budget that several environments share.
#[derive(Debug, Clone)]
enum Step {
    Wait { millis: u64 },
    Lend { clock: usize, count: u16 },
    Refused,
    Fault,
    Success,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (0_u64..400).prop_map(|millis| Step::Wait { millis }),
        1 => (0_u64..90_000).prop_map(|millis| Step::Wait { millis }),
        8 => (0_usize..4, 1_u16..8).prop_map(|(clock, count)| Step::Lend { clock, count }),
        1 => Just(Step::Refused),
        1 => Just(Step::Fault),
        2 => Just(Step::Success),
    ];
    proptest::collection::vec(step, 1..200)
}

/// Every start that was lent in this play, with how much each environment's clock is fast (in milliseconds, and
/// negative for slow). A report is about the call that was lent last.
fn starts_of(steps: &[Step], clocks: [i64; 4], limits: &BudgetLimits) -> Vec<u64> {
    let (mut budget, mut now, mut starts) = (Budget::FRESH, START, Vec::new());
    let mut terms = budget.terms();
    for step in steps {
        match *step {
            Step::Wait { millis } => now = now.plus(Span::millis(millis)),
            Step::Lend { clock, count } => {
                let local = Timestamp::from_millis(now.as_millis().saturating_add_signed(clocks[clock]));
                let (after, lease) = budget.lend(local, count, limits);
                budget = after;
                if let Ok(lease) = lease {
                    assert!(lease.first_at >= local, "no start lies in the past");
                    starts.extend(lease.starts().map(Timestamp::as_millis));
                    terms = lease.terms;
                }
            }
            Step::Refused => budget = budget.on_refused(terms, now, limits),
            Step::Fault => budget = budget.on_fault(terms, now, limits),
            Step::Success => budget = budget.on_success(),
        }
    }
    starts.sort_unstable();
    starts
}

/// In each window that begins and ends with a start there are at most rate × window + burst of them.
fn too_close(starts: &[u64], limits: &BudgetLimits) -> Option<(u64, u64)> {
    let (rate, burst) = (u64::from(limits.calls_per_second.get()), u64::from(limits.burst));
    let pairs = (0..starts.len()).flat_map(|from| (from..starts.len()).map(move |to| (from, to)));
    let too_many = |&(from, to): &(usize, usize)| {
        let count = u64::try_from(to - from + 1).unwrap();
        let window = starts[to] - starts[from];
        count * 1_000 > window * rate + burst * 1_000
    };
    pairs.into_iter().find(too_many).map(|(from, to)| (starts[from], starts[to]))
}

/// What any version, clock or mistake may have left behind.
fn any_budget() -> impl Strategy<Value = Budget> {
    let moment = || {
        let start = START.as_millis();
        prop_oneof![
            Just(0),
            Just(u64::MAX),
            start - 1_000_000..start + 1_000_000,
            start..start + 1_000_000_000
        ]
        .prop_map(Timestamp::from_millis)
    };
    let slowed = (moment(), any::<u64>()).prop_map(|(at, rate)| Slowed { at, rate });
    (moment(), proptest::option::of(slowed), any::<u32>(), proptest::option::of(moment()))
        .prop_map(|(free_at, slowed, openings, open_until)| Budget { free_at, slowed, openings, open_until })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_window_holds_more_starts_than_the_limits_allow(
        steps in steps(), calls in 1_u16..=1_000, burst in 1_u16..20,
    ) {
        let limits = limits(calls, burst);
        let starts = starts_of(&steps, [0; 4], &limits);
        prop_assert_eq!(too_close(&starts, &limits), None);
    }

    #[test]
    fn clocks_that_differ_by_minutes_never_lend_more(
        steps in steps(), clocks in proptest::array::uniform4(-300_000_i64..300_000), burst in 1_u16..5,
    ) {
        let limits = limits(25, burst);
        let starts = starts_of(&steps, clocks, &limits);
        prop_assert_eq!(too_close(&starts, &limits), None);
    }

    #[test]
    fn an_open_breaker_lends_nothing_before_its_time(times in 1_u32..10, wait in 0_u64..60_000) {
        let (budget, at) = tripped(times);
        let now = at.plus(Span::millis(wait));
        let lends = budget.lend(now, 5, &standard()).1.is_ok();
        prop_assert_eq!(lends, now >= budget.open_until.unwrap());
    }

    #[test]
    fn from_whatever_is_stored_a_provider_that_is_well_again_is_called_at_full_pace(budget in any_budget()) {
        let limits = standard();
        let (mut budget, mut now) = (budget, START);
        let longest = CLOCKS_DIFFER_MAX.as_millis() + limits.lead.as_millis()
            + limits.cool_down_max.as_millis() + limits.recovery.as_millis() + 10_000;
        while now.since(START).as_millis() < longest {
            now = now.plus(Span::millis(500));
            let (after, lease) = budget.lend(now, 1, &limits);
            budget = if lease.is_ok() { after.on_success() } else { after };
        }
        let (_, lease) = budget.lend(now.plus(Span::seconds(10)), 5, &limits);
        let lease = lease.unwrap();
        prop_assert_eq!((lease.count, lease.spacing), (5, Span::millis(42)));
    }
}
