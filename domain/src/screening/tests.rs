use proptest::prelude::*;

use super::*;

const LIMITS: Limits = Limits::STANDARD;
const NOBODY: Known = Known { declines: 0, captures: 0, cards: 0 };
/// A quiet evening: a thousand gifts, three in a hundred declined.
const EVENING: Known = Known { declines: 30, captures: 970, cards: 0 };
/// A day on which somebody tries cards from everywhere.
const STORM: Known = Known { declines: 400, captures: 600, cards: 0 };

fn known(declines: u64, captures: u64, cards: u64) -> Known {
    Known { declines, captures, cards }
}

fn card(number: u8) -> CardMark {
    CardMark::of([number; MARK_BYTES])
}

/// How strict a verdict is.
fn strictness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::StepUp(_) => 1,
        Verdict::Refuse(_) => 2,
    }
}

#[test]
fn a_call_centre_passes_however_much_comes_from_it() {
    for captures in [97, 970, 97_000] {
        let centre = known(captures * 3 / 97, captures, 64);
        assert_eq!(verdict(&centre, &NOBODY, &EVENING, &LIMITS), Verdict::Pass, "{centre:?}");
        assert_eq!(verdict(&centre, &NOBODY, &STORM, &LIMITS), Verdict::Pass, "it has proved itself");
    }
}

#[test]
fn a_source_with_many_cards_that_are_mostly_declined_is_refused() {
    assert_eq!(verdict(&known(9, 1, 10), &NOBODY, &EVENING, &LIMITS), Verdict::Pass);
    let tester = verdict(&known(10, 1, 10), &NOBODY, &EVENING, &LIMITS);
    assert_eq!(tester, Verdict::Refuse(Ground::Source));
    let hidden = verdict(&known(30, 70, 64), &NOBODY, &EVENING, &LIMITS);
    assert_eq!(hidden, Verdict::StepUp(Ground::Source), "three in ten may be a crowd with a thief in it");
}

#[test]
fn a_source_that_tries_few_cards_over_and_over_is_refused_and_a_family_is_not() {
    assert_eq!(verdict(&known(10, 0, 2), &NOBODY, &EVENING, &LIMITS), Verdict::Refuse(Ground::Source));
    assert_eq!(verdict(&known(10, 0, 3), &NOBODY, &EVENING, &LIMITS), Verdict::Pass);
    assert_eq!(verdict(&known(4, 0, 3), &NOBODY, &EVENING, &LIMITS), Verdict::Pass);
}

#[test]
fn a_card_that_is_declined_again_and_again_is_refused_wherever_it_comes_from() {
    assert_eq!(verdict(&NOBODY, &known(4, 0, 0), &EVENING, &LIMITS), Verdict::Pass);
    assert_eq!(verdict(&NOBODY, &known(5, 0, 0), &EVENING, &LIMITS), Verdict::Refuse(Ground::Card));
    assert_eq!(verdict(&NOBODY, &known(5, 6, 0), &EVENING, &LIMITS), Verdict::Pass, "mostly good");
}

#[test]
fn when_everybodys_declines_are_abnormal_only_the_unproven_are_stepped_up() {
    let step_up = Verdict::StepUp(Ground::Everybody);
    assert_eq!(verdict(&NOBODY, &NOBODY, &STORM, &LIMITS), step_up);
    assert_eq!(verdict(&known(0, 2, 2), &NOBODY, &STORM, &LIMITS), step_up);
    assert_eq!(verdict(&known(0, 3, 3), &NOBODY, &STORM, &LIMITS), Verdict::Pass);
    assert_eq!(verdict(&known(1, 3, 3), &NOBODY, &STORM, &LIMITS), step_up, "a quarter is declined");
    assert_eq!(verdict(&NOBODY, &NOBODY, &known(99, 0, 0), &LIMITS), Verdict::Pass, "too few to tell");
    assert_eq!(verdict(&NOBODY, &NOBODY, &known(29, 71, 0), &LIMITS), Verdict::Pass);
    assert_eq!(verdict(&NOBODY, &NOBODY, &known(30, 70, 0), &LIMITS), step_up);
}

#[test]
fn the_previous_window_fades_and_is_then_forgotten() {
    let previous =
        Tally { declines: 100, captures: 50, cards: Cards::one(card(1)).with(Cards::one(card(2))) };
    let current = Tally { declines: 1, captures: 1, cards: Cards::one(card(2)) };
    let seen = Seen { current, previous };
    let begin = Timestamp::from_millis(7 * WINDOW.as_millis());
    assert_eq!(seen.at(begin), known(101, 51, 2), "one card is in both windows");
    assert_eq!(seen.at(begin.plus(Span::minutes(5))), known(51, 26, 1));
    assert_eq!(seen.at(begin.plus(WINDOW).minus(Span::millis(1))), known(1, 1, 1));
    assert_eq!(Window::of(begin).number(), 7);
    assert_eq!(Window::of(begin).previous(), Window::of(begin.minus(Span::millis(1))));
    assert_eq!(Window::of(begin).forgotten_at(), begin.plus(WINDOW).plus(WINDOW));
}

#[test]
fn a_mark_is_read_as_it_was_written_and_nothing_else_is_one() {
    let mark = Source::of([0xab; MARK_BYTES]);
    assert_eq!(Source::parse(&mark.to_string()), Ok(mark));
    for text in ["", "ab", "192.0.2.1", &"AB".repeat(16), &"ab".repeat(17), &"g0".repeat(16)] {
        assert!(Source::parse(text).is_err(), "{text}");
    }
}

#[test]
fn nothing_is_a_share_of_nothing_and_all_is_every_share_of_something() {
    assert!(!NOBODY.declined_at_least(0));
    assert!(known(1, 0, 0).declined_at_least(100) && known(0, 1, 0).declined_at_least(0));
    assert!(!known(0, 1, 0).declined_at_least(1) && !known(99, 1, 0).declined_at_least(100));
}

#[test]
fn a_card_that_is_seen_twice_is_one_card_and_a_set_without_itself_is_empty() {
    let (one, two) = (Cards::one(card(1)), Cards::one(card(2)));
    let both = one.with(two);
    assert_eq!((both.with(one), both.count()), (both, 2));
    assert_eq!((both.without(one), both.without(both), one.without(two)), (two, Cards::NONE, one));
    assert_eq!(Cards::in_places([3, 3, 64, 255]).places().collect::<Vec<_>>(), [3]);
}

#[test]
fn grounds_are_named_in_logs() {
    let names = [Ground::Card, Ground::Source, Ground::Everybody].map(Ground::name);
    assert_eq!(names, ["card", "source", "everybody"]);
}

fn tallies() -> impl Strategy<Value = Tally> {
    (0..=u64::MAX, 0..=u64::MAX, any::<u64>()).prop_map(|(declines, captures, bits)| Tally {
        declines,
        captures,
        cards: Cards::in_places((0..64).filter(|place| bits & (1 << place) != 0)),
    })
}

fn knowns() -> impl Strategy<Value = Known> {
    (0..500_u64, 0..500_u64, 0..=64_u64).prop_map(|(declines, captures, cards)| Known {
        declines,
        captures,
        cards,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn volume_alone_never_trips_anything(captures in 3..u64::MAX / 2, cards in 0..=64_u64, share in 0..20_u64) {
        let declines = captures / 100 * share;
        let source = Known { declines, captures, cards };
        prop_assert_eq!(verdict(&source, &source, &source, &LIMITS), Verdict::Pass);
    }

    #[test]
    fn another_decline_never_makes_a_verdict_milder_and_another_capture_never_stricter(
        (source, card, everybody) in (knowns(), knowns(), knowns()),
    ) {
        let before = strictness(verdict(&source, &card, &everybody, &LIMITS));
        let declined = |known: Known| Known { declines: known.declines + 1, ..known };
        let captured = |known: Known| Known { captures: known.captures + 1, ..known };
        let after =
            |source: Known, card: Known, everybody: Known| strictness(verdict(&source, &card, &everybody, &LIMITS));
        prop_assert!(after(declined(source), card, everybody) >= before);
        prop_assert!(after(source, declined(card), everybody) >= before);
        prop_assert!(after(captured(source), card, everybody) <= before);
        prop_assert!(after(source, captured(card), everybody) <= before);
    }

    #[test]
    fn without_declines_of_its_own_nothing_is_ever_refused(
        (captures, cards, everybody) in (0..u64::MAX, 0..=64_u64, knowns()),
    ) {
        let clean = Known { declines: 0, captures, cards };
        prop_assert!(!matches!(verdict(&clean, &clean, &everybody, &LIMITS), Verdict::Refuse(_)));
    }

    #[test]
    fn what_is_known_lies_between_the_current_window_and_both((current, previous, at) in
        (tallies(), tallies(), 0..=253_402_300_799_999_u64))
    {
        let known = Seen { current, previous }.at(Timestamp::from_millis(at));
        prop_assert!(known.declines >= current.declines);
        prop_assert!(known.declines <= current.declines.saturating_add(previous.declines));
        prop_assert!(known.captures >= current.captures);
        prop_assert!(known.cards >= current.cards.count());
        prop_assert!(known.cards <= current.cards.with(previous.cards).count());
    }

    #[test]
    fn the_places_of_cards_are_bounded_and_come_back(bits in any::<u64>(), byte in any::<u8>()) {
        let cards = Cards::in_places((0..64).filter(|place| bits & (1 << place) != 0));
        prop_assert_eq!(Cards::in_places(cards.places()), cards);
        prop_assert_eq!(Cards::in_places([byte]).count(), u64::from(byte < 64));
        prop_assert_eq!(Cards::one(card(byte)).count(), 1);
    }

    /// One source tries a card after another, nine in ten of which the bank declines, and each answer is counted
    /// before the next try: of ten thousand tries hardly any reach the provider.
    #[test]
    fn a_card_tester_is_stopped_within_a_few_tries(draws in proptest::collection::vec(any::<[u8; 2]>(), 2_000)) {
        let mut seen = Seen::default();
        let mut calls = 0;
        let now = Timestamp::from_millis(WINDOW.as_millis());
        for [number, luck] in draws {
            let sightings = Sightings { source: seen, ..Sightings::default() };
            if matches!(sightings.verdict(now, &LIMITS), Verdict::Refuse(_)) {
                continue;
            }
            calls += 1;
            let tally = &mut seen.current;
            tally.cards = tally.cards.with(Cards::one(card(number)));
            if luck < 230 { tally.declines += 1 } else { tally.captures += 1 }
        }
        prop_assert!(calls <= 30, "{calls} calls");
    }
}
