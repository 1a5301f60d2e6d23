//! Faults that strike whichever requests come: a number of them, a share, or those that come too fast.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::Fault;
use crate::clock::millis;
use crate::random::next_random;

/// The most rules in force at a time.
const RULES_MAX: usize = 100;

/// A fault that strikes requests which did not ask for it.
#[derive(Clone, Debug)]
pub(crate) struct FaultRule {
    pub(crate) fault: Fault,
    /// Which requests it may strike.
    pub(crate) on: Requests,
    /// The paths it may strike; all of them if none.
    pub(crate) path: Option<PathPattern>,
    /// Whether the answer says that a retry is worth while, or pointless; it says nothing if none.
    pub(crate) should_retry: Option<bool>,
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

/// Paths: segments, of which `*` stands for any one, and `**` at the end for any number of them. Stripe's
/// limits count all ids of one route together, which is `/v1/payment_intents/*/confirm`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct PathPattern(String);

impl PathPattern {
    /// The longest pattern, in bytes.
    const BYTES_MAX: usize = 200;

    /// A pattern begins with a slash.
    pub(crate) fn parse(text: String) -> Option<Self> {
        (text.starts_with('/') && text.len() <= Self::BYTES_MAX).then_some(Self(text))
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        for wanted in self.0.split('/') {
            match (wanted, segments.next()) {
                ("**", _) => return true,
                ("*", Some(_)) => {}
                (wanted, Some(segment)) if wanted == segment => {}
                _ => return false,
            }
        }
        segments.next().is_none()
    }
}

/// A request, as far as rules look at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) is_write: bool,
    pub(crate) path: &'a str,
    pub(crate) now_ms: i64,
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
    /// The paths that are struck.
    pub(crate) path: Option<PathPattern>,
    /// What the answer says of a retry.
    pub(crate) should_retry: Option<bool>,
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

    /// The faults that strike a request which was let in.
    pub(crate) fn strike(&self, asked: Asked<'_>) -> Vec<Fault> {
        self.change(asked.now_ms, |inner| {
            let Inner { rules, random } = inner;
            let rules = rules.iter_mut().filter(|active| !active.is_outage());
            rules.flat_map(|active| active.strike(asked, random)).collect()
        })
    }

    /// The outage that keeps a request from even being looked at.
    pub(crate) fn outage(&self, asked: Asked<'_>) -> Option<Fault> {
        self.change(asked.now_ms, |inner| {
            let Inner { rules, random } = inner;
            let rules = rules.iter_mut().filter(|active| active.is_outage());
            rules.flat_map(|active| active.strike(asked, random)).next()
        })
    }

    /// Whether an outage is total on a path, be it for reads or for writes: then nothing leaves the provider
    /// either.
    pub(crate) fn is_out(&self, path: &str, now_ms: i64) -> bool {
        self.change(now_ms, |inner| {
            let total =
                |active: &ActiveRule| active.is_outage() && active.rule.how_often == HowOften::Percent(100);
            inner.rules.iter().any(|active| total(active) && active.concerns(path))
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
    fn is_outage(&self) -> bool {
        matches!(self.rule.fault, Fault::Outage { .. })
    }

    fn concerns(&self, path: &str) -> bool {
        self.rule.path.as_ref().is_none_or(|pattern| pattern.matches(path))
    }

    /// The rule's fault, and what goes with it, where it strikes.
    fn strike(&mut self, asked: Asked<'_>, random: &mut u64) -> Vec<Fault> {
        let Asked { is_write, path, now_ms } = asked;
        let concerned = match self.rule.on {
            Requests::Writes => is_write,
            Requests::Reads => !is_write,
            Requests::All => true,
        };
        if !concerned || !self.concerns(path) {
            return Vec::new();
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
        if !strikes {
            return Vec::new();
        }
        let retry =
            self.rule.should_retry.map(|yes| if yes { Fault::ShouldRetry } else { Fault::ShouldNotRetry });
        [Some(self.rule.fault), retry].into_iter().flatten().collect()
    }

    fn view(&self) -> RuleView {
        let (count, rate, above) = match self.rule.how_often {
            HowOften::Times(left) => (Some(left), None, None),
            HowOften::Percent(percent) => (None, Some(percent), None),
            HowOften::Above(most) => (None, None, Some(most)),
        };
        let FaultRule { fault, on, should_retry, .. } = self.rule;
        let path = self.rule.path.clone();
        RuleView {
            name: fault.to_string(),
            on,
            path,
            should_retry,
            count,
            rate,
            above,
            until_ms: self.until_ms,
        }
    }
}
