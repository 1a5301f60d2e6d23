//! Faults that strike whichever requests come: a number of them, a share, or those that come too fast.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::Fault;
use crate::clock::millis;

/// The most rules in force at a time.
const RULES_MAX: usize = 100;

/// A fault that strikes requests which did not ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FaultRule {
    pub(crate) fault: Fault,
    /// Which requests it may strike.
    pub(crate) on: Requests,
    /// How many of them.
    pub(crate) how_often: HowOften,
    /// For how long the rule is in force; for ever if none.
    pub(crate) lasts: Option<Duration>,
}

/// Which requests a rule is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Requests {
    /// POST requests: those that move money.
    #[default]
    Writes,
    /// GET requests.
    Reads,
    /// Both.
    All,
}

/// How many of the requests a rule strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HowOften {
    /// The next so many.
    Times(u32),
    /// So many in a hundred. The choice looks random and is the same in every run.
    Percent(u8),
    /// Those beyond so many within one second of the clock.
    Above(u32),
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct FaultPlan {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    rules: Vec<ActiveRule>,
    random: u64,
}

#[derive(Debug)]
struct ActiveRule {
    rule: FaultRule,
    until_ms: Option<i64>,
    /// The second that was last looked at, and the requests that came in it.
    second: i64,
    seen: u32,
}

/// A rule as the control endpoint shows it.
#[derive(Debug, Serialize)]
pub(crate) struct RuleView {
    pub(crate) name: String,
    pub(crate) on: Requests,
    /// Requests that will still be struck.
    pub(crate) count: Option<u32>,
    /// Requests in a hundred that are struck.
    pub(crate) rate: Option<u8>,
    /// Requests in a second that are not struck.
    pub(crate) above: Option<u32>,
    /// Milliseconds since the Unix epoch.
    pub(crate) until_ms: Option<i64>,
}

impl FaultPlan {
    /// Puts a rule in force. Says no when there are too many.
    pub(crate) fn add(&self, rule: FaultRule, now_ms: i64) -> bool {
        let until_ms = rule.lasts.map(|lasts| now_ms.saturating_add(millis(lasts)));
        self.change(now_ms, |inner| {
            let room = inner.rules.len() < RULES_MAX;
            if room {
                inner.rules.push(ActiveRule { rule, until_ms, second: 0, seen: 0 });
            }
            room
        })
    }

    /// Ends every rule.
    pub(crate) fn clear(&self, now_ms: i64) {
        self.change(now_ms, |inner| inner.rules.clear());
    }

    /// The faults that strike the next request.
    pub(crate) fn strike(&self, is_write: bool, now_ms: i64) -> Vec<Fault> {
        self.change(now_ms, |inner| {
            let Inner { rules, random } = inner;
            rules.iter_mut().filter_map(|active| active.strike(is_write, now_ms, random)).collect()
        })
    }

    /// The rules in force.
    pub(crate) fn view(&self, now_ms: i64) -> Vec<RuleView> {
        self.change(now_ms, |inner| inner.rules.iter().map(ActiveRule::view).collect())
    }

    /// Forgets the rules that have ended, then does `what`.
    fn change<T>(&self, now_ms: i64, what: impl FnOnce(&mut Inner) -> T) -> T {
        // A rule is changed in one assignment, so a panic elsewhere cannot have left one half changed.
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.rules.retain(|active| {
            let spent = active.rule.how_often == HowOften::Times(0);
            !spent && active.until_ms.is_none_or(|until_ms| now_ms < until_ms)
        });
        what(&mut inner)
    }
}

impl ActiveRule {
    fn strike(&mut self, is_write: bool, now_ms: i64, random: &mut u64) -> Option<Fault> {
        let concerned = match self.rule.on {
            Requests::Writes => is_write,
            Requests::Reads => !is_write,
            Requests::All => true,
        };
        if !concerned {
            return None;
        }
        let strikes = match &mut self.rule.how_often {
            HowOften::Times(0) => false,
            HowOften::Times(left) => {
                *left -= 1;
                true
            }
            HowOften::Percent(percent) => next_random(random) % 100 < u64::from(*percent),
            HowOften::Above(most) => {
                let second = now_ms.div_euclid(1000);
                self.seen = if second == self.second { self.seen.saturating_add(1) } else { 1 };
                self.second = second;
                self.seen > *most
            }
        };
        strikes.then_some(self.rule.fault)
    }

    fn view(&self) -> RuleView {
        let (count, rate, above) = match self.rule.how_often {
            HowOften::Times(left) => (Some(left), None, None),
            HowOften::Percent(percent) => (None, Some(percent), None),
            HowOften::Above(most) => (None, None, Some(most)),
        };
        let FaultRule { fault, on, .. } = self.rule;
        RuleView { name: fault.to_string(), on, count, rate, above, until_ms: self.until_ms }
    }
}

/// `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>: small, seeded, and even enough for a rate.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
