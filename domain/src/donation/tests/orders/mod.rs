//! The news of one donation, in every order and any number of times: the end is always the same.
//!
//! Every order is tried, yet not one by one. Two orders that have brought the donation to the same state with
//! the same news still to come go on alike, so they are followed once. News of a refund or dispute ahead of
//! its capture goes back to those still to come, as its queue would do with it. Whatever was told once is
//! told again at every step.

mod cases;

use std::collections::{HashMap, HashSet};
use std::io::Write as _;

use proptest::prelude::*;

use super::books::{entries, fault_of, rewritten};
use super::samples::{hours, told_at};
use crate::donation::{Command, Donation, Refusal};
use crate::ids::EntryId;
use crate::payment::Payment;
use cases::{Case, begun, cancelled, cases, everything, other, ours, won};

/// What became of a donation, without the times.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct End {
    payment: Payment,
    is_looked_at: bool,
}

fn end(donation: &Donation) -> End {
    End { payment: donation.payment.clone(), is_looked_at: donation.next_check.is_some() }
}

/// The donation after a piece of news; `None` when it must be told again later.
fn hear(donation: &Donation, news: &Command) -> Option<Donation> {
    match donation.decide(news.clone()) {
        Ok(events) => Some(donation.clone().evolve_all(&events)),
        Err(Refusal::ReversalBeforeCapture) => None,
        Err(refusal) => panic!("{refusal}: {news:?}"),
    }
}

/// A set of bits, one for each piece of news that is still to come.
type Left = u16;

/// Follows every order of the news. Gives the one end that they have, and how many states were met on the
/// way.
fn every_order(name: &str, start: &Donation, news: &[Command]) -> (Donation, usize) {
    let all: Left = (1 << news.len()) - 1;
    let mut seen: HashSet<(Left, End)> = HashSet::from([(all, end(start))]);
    let mut ends: HashMap<(Left, End), Donation> = HashMap::new();
    let mut open = vec![(all, start.clone())];
    while let Some((left, donation)) = open.pop() {
        let mut is_end = true;
        for (index, heard) in news.iter().enumerate() {
            let later = hear(&donation, &told_at(heard.clone(), hours(1)));
            if left & (1 << index) == 0 {
                assert_eq!(later.as_ref().map(end), Some(end(&donation)), "{name}: {heard:?} once more");
                continue;
            }
            let (Some(next), Some(later)) = (hear(&donation, heard), later) else { continue };
            is_end = false;
            assert_eq!(fault_of(&next), None, "{name}: after {heard:?}");
            assert_eq!(rewritten(&donation, &next), None, "{name}: by {heard:?}");
            assert_eq!(rewritten(&donation, &later), None, "{name}: by {heard:?}, an hour later");
            let left = left & !(1 << index);
            if seen.insert((left, end(&next))) {
                open.push((left, next));
            }
        }
        if is_end {
            ends.insert((left, end(&donation)), donation);
        }
    }
    let met = seen.len();
    assert_eq!(ends.len(), 1, "{name}: {:#?}", ends.keys());
    let ((left, _), end) = ends.into_iter().next().expect("there is one");
    assert!(left == 0 || end.payment.takings().is_none(), "{name}: some news was never taken in");
    (end, met)
}

#[test]
fn every_order_of_a_donations_news_ends_the_same_with_the_same_entries() {
    let mut report = std::io::stderr().lock();
    for Case { name, start, news, shown, entries: count } in cases() {
        let (end, met) = every_order(name, &start, &news);
        assert_eq!((end.payment.shown_name(), entries(&end).len()), (shown, count), "{name}");
        let orders: usize = (1..=news.len()).product();
        writeln!(report, "{name}: {orders} orders, {met} states").unwrap();
    }
}

/// Calls `visit` with every order of the list (B. R. Heap, 1963).
fn permute(list: &mut [usize], length: usize, visit: &mut impl FnMut(&[usize])) {
    if length <= 1 {
        return visit(list);
    }
    for index in 0..length {
        permute(list, length - 1, visit);
        list.swap(if length.is_multiple_of(2) { index } else { 0 }, length - 1);
    }
}

/// Tells the news in this order, what comes too early again at the end.
fn tell(start: &Donation, news: impl IntoIterator<Item = Command>) -> Donation {
    let mut waiting: Vec<Command> = news.into_iter().collect();
    let mut donation = start.clone();
    loop {
        let before = waiting.len();
        waiting.retain(|news| match hear(&donation, news) {
            Some(next) => {
                donation = next;
                false
            }
            None => true,
        });
        if waiting.len() == before || waiting.is_empty() {
            return donation;
        }
    }
}

#[test]
fn told_one_by_one_every_order_of_six_ends_the_same() {
    let news = [vec![ours(), other(), cancelled()], won("dp_1", "pi_other")[1..].to_vec()].concat();
    let expected = end(&tell(&begun(), news.clone()));
    let mut count = 0;
    permute(&mut (0..news.len()).collect::<Vec<_>>(), news.len(), &mut |places| {
        let told = tell(&begun(), places.iter().map(|place| news[*place].clone()));
        assert_eq!(end(&told), expected, "{places:?}");
        count += 1;
    });
    assert_eq!(count, 720);
}

fn lines(donation: &Donation) -> Vec<EntryId> {
    entries(donation).into_keys().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_news_in_any_order_and_any_number_of_times_ends_the_same(
        told in prop::collection::vec(0..everything().len(), 1..30), seed in any::<u64>(),
    ) {
        let everything = everything();
        let pick = |places: &[usize]| -> Vec<Command> {
            places.iter().map(|place| everything[*place].clone()).collect()
        };
        let mut sorted = told.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let mut shuffled = told;
        let turn = |place: &usize| seed.rotate_left(u32::try_from(*place).unwrap());
        shuffled.sort_by_key(|place| turn(place).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let in_sequence = tell(&begun(), pick(&sorted));
        let in_another = tell(&begun(), pick(&shuffled));
        prop_assert_eq!(end(&in_sequence), end(&in_another));
        prop_assert_eq!(entries(&in_sequence), entries(&in_another));
    }

    #[test]
    fn an_entry_once_called_for_is_called_for_ever_after_whenever_the_news_comes(
        told in prop::collection::vec(0..everything().len(), 1..30),
    ) {
        let everything = everything();
        let mut donation = begun();
        for (hour, place) in (1..).zip(&told) {
            let news = told_at(everything[*place].clone(), hours(hour));
            let Some(next) = hear(&donation, &news) else { continue };
            prop_assert_eq!(rewritten(&donation, &next), None, "by {:?}", everything[*place]);
            prop_assert_eq!(fault_of(&next), None);
            donation = next;
        }
        let at_once = tell(&begun(), told.iter().map(|place| everything[*place].clone()));
        if at_once.payment.takings().is_some_and(|takings| takings.captures().len() == 3) {
            let again = told.iter().map(|place| told_at(everything[*place].clone(), hours(99)));
            prop_assert_eq!(lines(&tell(&donation, again)), lines(&at_once));
        }
    }
}
