//! How often a provider's account may be called, over all environments together.
//!
//! A [`Budget`] is the one small state that they share. Whoever wants to call takes a [`Lease`] out of it: a
//! few starts at an even pace, after every start that was lent before (the generic cell rate algorithm: all
//! that is remembered is when the next call is due). Two things make it lend less:
//!
//! - **A refusal for the rate** halves the pace, down to one call a second. It grows back evenly with time,
//!   by a formula and not by a write, so that nobody has to do anything for it to recover.
//! - **A provider that fails** opens the breaker, and nothing is lent for a while. Then single calls go
//!   through as probes. The first call that succeeds closes it; each probe that fails doubles the while, up
//!   to a bound.
//!
//! Clocks of environments differ. Every start that was ever lent keeps its distance from every other on the
//! budget's own line of time, whoever's clock jumps where: one that is behind finds nothing to lend, and one
//! that is ahead is paced like the others. One that was ahead by hours holds the others up for
//! [`CLOCKS_DIFFER_MAX`] and no longer.

use crate::time::{Span, Timestamp};

/// Slowest pace after refusals, in calls a second.
pub const RATE_MIN: u64 = 1;
/// Most that two environments' clocks may differ without harm. What a budget says about moments further ahead
/// than this was written by a clock that was wrong, and is cut short.
pub const CLOCKS_DIFFER_MAX: Span = Span::minutes(15);

/// Which budget: a provider's account, and which of its endpoints.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BudgetId(String);

/// What a budget is for. Providers count their endpoints apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallKind {
    /// Calls that make something: payments.
    Creates,
    /// Calls that ask for something.
    Reads,
}

/// What the provider allows, and how carefully it is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BudgetLimits {
    /// Calls a second.
    pub calls_per_second: CallsPerSecond,
    /// Most calls that may start at once after a time without any; at least 1.
    pub burst: u16,
    /// How far ahead starts are lent.
    pub lead: Span,
    /// Time in which a pace grows from nothing to the full one.
    pub recovery: Span,
    /// For how long the breaker stays open the first time.
    pub cool_down: Span,
    /// For how long it stays open at most.
    pub cool_down_max: Span,
    /// Time between two probes.
    pub probe_every: Span,
}

/// A number of calls a second, 1 to 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallsPerSecond(u16);

/// The text or number is not a usable number of calls a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number from 1 to 1000")]
pub struct BadRate;

/// The shared state. Every combination of values is usable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// When the next call is due at an even pace.
    pub free_at: Timestamp,
    /// The latest slow-down, where one is remembered.
    pub slowed: Option<Slowed>,
    /// How often the breaker has opened since a call last succeeded.
    pub openings: u32,
    /// Until when nothing is lent, or the next probe.
    pub open_until: Option<Timestamp>,
}

/// A slow-down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slowed {
    /// When.
    pub at: Timestamp,
    /// Calls a second from then on, before they grow back.
    pub rate: u64,
}

/// What the state was when a call was lent. A report about the call counts only if it still is: of a hundred
/// calls that were under way when the provider began to refuse or fail, one is news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    slowed: Option<Slowed>,
    openings: u32,
}

/// Calls that may be made: the first at `first_at`, and each further one `spacing` later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// When the first may start, by the clock of whoever asked.
    pub first_at: Timestamp,
    /// From one start to the next.
    pub spacing: Span,
    /// How many; at least 1.
    pub count: u16,
    /// What they are lent under.
    pub terms: Terms,
}

/// Why nothing is lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// Every start within the lead is taken.
    Spent,
    /// The breaker is open.
    Open,
}

impl BudgetId {
    /// The budget of this account (2 to 32 characters from a-z, 0-9 and hyphen) for calls of this kind;
    /// `None` when the account's name is not of that grammar.
    pub fn of(account: &str, kind: CallKind) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let good = (2..=32).contains(&account.len()) && account.bytes().all(fits);
        good.then(|| Self(format!("{account}#{}", kind.name())))
    }

    /// The account.
    pub fn account(&self) -> &str {
        self.0.split_once('#').map_or("", |(account, _)| account)
    }

    /// `account#kind`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl CallKind {
    /// The kind's name as it is stored.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creates => "creates",
            Self::Reads => "reads",
        }
    }
}

impl CallsPerSecond {
    /// So many calls a second.
    ///
    /// # Errors
    /// [`BadRate`] for none or more than 1,000.
    pub const fn new(calls: u16) -> Result<Self, BadRate> {
        if calls == 0 || calls > 1_000 { Err(BadRate) } else { Ok(Self(calls)) }
    }

    /// Reads a number of calls a second.
    ///
    /// # Errors
    /// [`BadRate`] for anything but a whole number from 1 to 1000.
    pub fn parse(text: &str) -> Result<Self, BadRate> {
        text.parse().map_err(|_| BadRate).and_then(Self::new)
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl BudgetLimits {
    /// For a provider that allows so many calls a second: one call in twenty less, at least one, because the
    /// network moves calls that left at an even pace closer together.
    ///
    /// The breaker never stays open for long. A probe every quarter of a minute costs a provider that is down
    /// nothing, and donors wait no longer than that for one that is back.
    pub fn below(allowed: CallsPerSecond) -> Self {
        let spare = (allowed.0 / 20).max(1);
        Self {
            calls_per_second: CallsPerSecond(allowed.0.saturating_sub(spare).max(1)),
            burst: 1,
            lead: Span::seconds(8),
            recovery: Span::seconds(60),
            cool_down: Span::seconds(2),
            cool_down_max: Span::seconds(15),
            probe_every: Span::seconds(1),
        }
    }
}

impl Budget {
    /// A budget that nobody has used.
    pub const FRESH: Self =
        Self { free_at: Timestamp::from_millis(0), slowed: None, openings: 0, open_until: None };

    /// Lends up to `count` calls, or says why none is to be had at present; and gives the budget as it is
    /// then. It changes also where nothing is lent, when it held a moment that a wrong clock had written.
    pub fn lend(self, now: Timestamp, count: u16, limits: &BudgetLimits) -> (Self, Result<Lease, Held>) {
        let mut budget = self.trusted(now, limits);
        if budget.open_until.is_some_and(|until| now < until) {
            return (budget, Err(Held::Open));
        }
        let is_probe = budget.openings > 0;
        let spacing = spacing(budget.rate(now, limits));
        // Counted in calls at the full pace: a slower one must not save up more time.
        let full = self::spacing(u64::from(limits.calls_per_second.0));
        let saved_up = full.saturating_mul(u64::from(limits.burst.saturating_sub(1)));
        let first_at = now.max(budget.free_at.minus(Span::millis(saved_up)));
        // A probe goes at once or not at all: one that waited its turn would keep the others waiting for its
        // end.
        let lead = if is_probe { spacing } else { limits.lead.as_millis() };
        let ahead = first_at.since(now).as_millis();
        if ahead > lead {
            return (budget, Err(Held::Spent));
        }
        let fit = ((lead - ahead) / spacing).saturating_add(1);
        let wanted = if is_probe { 1 } else { count.max(1) };
        let count = u16::try_from(fit).map_or(wanted, |fit| fit.min(wanted));
        let lent = Span::millis(spacing.saturating_mul(u64::from(count)));
        budget.free_at = first_at.max(budget.free_at).plus(lent);
        if is_probe {
            budget.open_until = Some(first_at.plus(limits.probe_every));
        }
        let lease = Lease { first_at, spacing: Span::millis(spacing), count, terms: budget.terms() };
        (budget, Ok(lease))
    }

    /// The budget after the provider refused a call for its rate.
    #[must_use]
    pub fn on_refused(self, lent: Terms, now: Timestamp, limits: &BudgetLimits) -> Self {
        if self.slowed != lent.slowed {
            return self;
        }
        let rate = (self.rate(now, limits) / 2).max(RATE_MIN);
        Self { slowed: Some(Slowed { at: now, rate }), ..self }
    }

    /// The budget after a call, or so many calls in a row that it is news, found the provider failing.
    #[must_use]
    pub fn on_fault(self, lent: Terms, now: Timestamp, limits: &BudgetLimits) -> Self {
        if self.openings != lent.openings {
            return self;
        }
        let doubled = 1_u64.checked_shl(self.openings).unwrap_or(u64::MAX);
        let wait = limits.cool_down.as_millis().saturating_mul(doubled);
        let open_until = now.plus(Span::millis(wait).min(limits.cool_down_max));
        Self { openings: self.openings.saturating_add(1), open_until: Some(open_until), ..self }
    }

    /// The budget after a call that the provider answered as it should: the breaker closes.
    #[must_use]
    pub const fn on_success(self) -> Self {
        Self { openings: 0, open_until: None, ..self }
    }

    /// Whether the breaker is not closed.
    pub const fn is_tripped(&self) -> bool {
        self.openings > 0
    }

    /// What a call is lent under now.
    pub const fn terms(&self) -> Terms {
        Terms { slowed: self.slowed, openings: self.openings }
    }

    /// Calls a second at this moment.
    pub fn rate(&self, now: Timestamp, limits: &BudgetLimits) -> u64 {
        let full = u64::from(limits.calls_per_second.0);
        let Some(slowed) = self.slowed else { return full };
        let elapsed = now.since(slowed.at).as_millis();
        let grown = full.saturating_mul(elapsed) / limits.recovery.as_millis().max(1);
        slowed.rate.saturating_add(grown).clamp(RATE_MIN, full)
    }

    /// The latest moment that the budget speaks of.
    pub fn latest(&self) -> Timestamp {
        let slowed_at = self.slowed.map_or(Timestamp::from_millis(0), |slowed| slowed.at);
        self.open_until.unwrap_or(self.free_at).max(self.free_at).max(slowed_at)
    }

    /// The budget without what only a wrong clock can have written, and without a slow-down that has grown
    /// back.
    fn trusted(self, now: Timestamp, limits: &BudgetLimits) -> Self {
        let horizon = now.plus(CLOCKS_DIFFER_MAX);
        let is_slow = self.rate(now, limits) < u64::from(limits.calls_per_second.0);
        let slowed = self.slowed.filter(|_| is_slow);
        let slowed =
            slowed.map(|slowed| Slowed { at: if slowed.at > horizon { now } else { slowed.at }, ..slowed });
        let cooled = now.plus(limits.cool_down_max);
        let is_absurd = |until: &Timestamp| *until > horizon.plus(limits.cool_down_max);
        let open_until = self.open_until.map(|until| if is_absurd(&until) { cooled } else { until });
        Self { free_at: self.free_at.min(horizon.plus(limits.lead)), slowed, open_until, ..self }
    }
}

impl Terms {
    /// Whether the breaker has opened, or opened again, since a call was lent under these terms.
    pub const fn is_before_opening_of(&self, later: &Self) -> bool {
        later.openings > self.openings
    }

    /// Whether a call under these terms is a probe of a breaker that was open.
    pub const fn is_probe(&self) -> bool {
        self.openings > 0
    }
}

impl Lease {
    /// The start of each call.
    pub fn starts(self) -> impl Iterator<Item = Timestamp> {
        (0..u64::from(self.count))
            .map(move |nth| self.first_at.plus(Span::millis(self.spacing.as_millis().saturating_mul(nth))))
    }
}

/// Milliseconds from one call to the next, rounded up so that the pace is never above the rate.
fn spacing(rate: u64) -> u64 {
    1_000_u64.div_ceil(rate.max(1))
}

#[cfg(test)]
mod tests;
