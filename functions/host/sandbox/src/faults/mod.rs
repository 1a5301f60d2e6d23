//! Faults on demand: what can go wrong, and the three ways to ask for it.

mod limit;
mod plan;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

pub(crate) use limit::Limit;
pub(crate) use plan::{Asked, FaultPlan, FaultRule, HowOften, PathPattern, Requests};

/// The longest wait a fault may cause, in milliseconds.
const WAIT_MAX_MS: u32 = 600_000;

/// The most faults one request may ask for.
const ASKED_MAX: usize = 8;

/// Something that goes wrong with a request or with the events it causes.
///
/// A fault is written `NAME`, or `NAME=MILLISECONDS` where it waits, or `429=LIMIT`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// `latency=MS`: waits before it works; the idempotency key is in use meanwhile. 2000 ms unless said.
    Latency {
        /// Milliseconds.
        ms: u32,
    },
    /// `reset-before`: resets the connection before anything is done.
    ResetBefore,
    /// `capture-then-reset`: does the work, stores the answer under the key, and resets the connection.
    CaptureThenReset,
    /// `500-before`: answers 500 before anything is done or stored, so the same key may be tried again.
    ErrorBefore,
    /// `500-stored`: fails in the middle. Nothing is done, but the 500 is stored and replayed.
    ErrorStored,
    /// `capture-then-500`: does the work, and yet answers, stores and replays a 500.
    CaptureThenError,
    /// `429=LIMIT`: the rate limiter refuses before anything is done or stored. It is the endpoint's rate
    /// unless said.
    RateLimited {
        /// Which limit was passed.
        limit: Limit,
    },
    /// `outage=MS`: waits, in silence, and then resets the connection; nothing was done. At once unless said.
    /// As a rule it strikes before the request is looked at, and keeps events from being delivered.
    Outage {
        /// Milliseconds.
        ms: u32,
    },
    /// `should-retry`: whatever is answered says that a retry is worth while.
    ShouldRetry,
    /// `should-not-retry`: whatever is answered says that a retry is pointless.
    ShouldNotRetry,
    /// `stall=MS`: does the work, sends the headers and half the body, waits, and closes. 30 s unless said.
    Stall {
        /// Milliseconds.
        ms: u32,
    },
    /// `truncate`: does the work, sends the headers and half the body, and closes.
    Truncate,
    /// `unreadable`: does the work and answers 200 with a page that is not JSON.
    Unreadable,
    /// `slow-answer=MS`: does the work, and answers late. 5000 ms unless said.
    SlowAnswer {
        /// Milliseconds.
        ms: u32,
    },
    /// `late=MS`: resets the connection and does the work so much later, as a request that was held up on its
    /// way: that it was given up on cannot stop it. A minute of the sandbox's clock unless said.
    Late {
        /// Milliseconds.
        ms: u32,
    },
    /// `forget-keys`: forgets every idempotency key first, as a provider does whose keys have expired.
    ForgetKeys,
    /// `webhook-double`: delivers each event of the request twice.
    WebhookDouble,
    /// `webhook-delay=MS`: delivers the events of the request late. 5000 ms unless said.
    WebhookDelay {
        /// Milliseconds.
        ms: u32,
    },
    /// `webhook-reorder`: delivers the events of the request last one first.
    WebhookReorder,
    /// `webhook-drop`: never delivers the events of the request; they stay readable through the API.
    WebhookDrop,
}

/// Amounts, in minor units of any currency, that ask for a fault.
const MAGIC_AMOUNTS: [(i64, Fault); 20] = [
    (66_601, Fault::Latency { ms: 2_000 }),
    (66_602, Fault::ResetBefore),
    (66_603, Fault::CaptureThenReset),
    (66_604, Fault::ErrorBefore),
    (66_605, Fault::ErrorStored),
    (66_606, Fault::CaptureThenError),
    (66_607, Fault::RateLimited { limit: Limit::EndpointRate }),
    (66_608, Fault::Stall { ms: 30_000 }),
    (66_609, Fault::Truncate),
    (66_610, Fault::Unreadable),
    (66_611, Fault::WebhookDouble),
    (66_612, Fault::WebhookDelay { ms: 5_000 }),
    (66_613, Fault::WebhookReorder),
    (66_614, Fault::WebhookDrop),
    (66_615, Fault::ForgetKeys),
    (66_616, Fault::Outage { ms: 0 }),
    (66_617, Fault::ShouldRetry),
    (66_618, Fault::ShouldNotRetry),
    (66_619, Fault::SlowAnswer { ms: 5_000 }),
    (66_620, Fault::Late { ms: 60_000 }),
];

/// A fault nobody knows, or one that waits too long.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown fault: write NAME, NAME=MILLISECONDS (at most {WAIT_MAX_MS}) or 429=LIMIT, NAME being one of \
     {}, LIMIT one of {}",
    names(),
    Limit::names()
)]
pub(crate) struct UnknownFault;

/// The names, for people.
fn names() -> String {
    MAGIC_AMOUNTS.map(|(_, fault)| fault.name()).join(", ")
}

impl Fault {
    /// The fault's name, without its milliseconds.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Latency { .. } => "latency",
            Self::ResetBefore => "reset-before",
            Self::CaptureThenReset => "capture-then-reset",
            Self::ErrorBefore => "500-before",
            Self::ErrorStored => "500-stored",
            Self::CaptureThenError => "capture-then-500",
            Self::RateLimited { .. } => "429",
            Self::Outage { .. } => "outage",
            Self::ShouldRetry => "should-retry",
            Self::ShouldNotRetry => "should-not-retry",
            Self::Stall { .. } => "stall",
            Self::Truncate => "truncate",
            Self::Unreadable => "unreadable",
            Self::SlowAnswer { .. } => "slow-answer",
            Self::Late { .. } => "late",
            Self::ForgetKeys => "forget-keys",
            Self::WebhookDouble => "webhook-double",
            Self::WebhookDelay { .. } => "webhook-delay",
            Self::WebhookReorder => "webhook-reorder",
            Self::WebhookDrop => "webhook-drop",
        }
    }

    /// Whether the fault strikes the deliveries of events and leaves the answer alone.
    pub(crate) fn is_about_webhooks(self) -> bool {
        matches!(
            self,
            Self::WebhookDouble | Self::WebhookDelay { .. } | Self::WebhookReorder | Self::WebhookDrop
        )
    }
}

impl FromStr for Fault {
    type Err = UnknownFault;

    fn from_str(text: &str) -> Result<Self, UnknownFault> {
        let (name, ms) = text.split_once('=').map_or((text, None), |(name, ms)| (name, Some(ms)));
        let known = MAGIC_AMOUNTS.iter().map(|(_, fault)| *fault).find(|fault| fault.name() == name);
        let known = known.ok_or(UnknownFault)?;
        let Some(ms) = ms else { return Ok(known) };
        if let Self::RateLimited { .. } = known {
            return Limit::from_name(ms).map(|limit| Self::RateLimited { limit }).ok_or(UnknownFault);
        }
        let ms = ms.parse().ok().filter(|ms| *ms <= WAIT_MAX_MS).ok_or(UnknownFault)?;
        match known {
            Self::Latency { .. } => Ok(Self::Latency { ms }),
            Self::Stall { .. } => Ok(Self::Stall { ms }),
            Self::Outage { .. } => Ok(Self::Outage { ms }),
            Self::SlowAnswer { .. } => Ok(Self::SlowAnswer { ms }),
            Self::Late { .. } => Ok(Self::Late { ms }),
            Self::WebhookDelay { .. } => Ok(Self::WebhookDelay { ms }),
            _ => Err(UnknownFault),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        match self {
            Self::Latency { ms }
            | Self::Stall { ms }
            | Self::SlowAnswer { ms }
            | Self::Late { ms }
            | Self::WebhookDelay { ms }
            | Self::Outage { ms } => write!(f, "={ms}"),
            Self::RateLimited { limit } if *limit != Limit::EndpointRate => write!(f, "={}", limit.name()),
            _ => Ok(()),
        }
    }
}

/// Reads `NAME[,NAME]`.
pub(crate) fn parse_all(text: &str) -> Result<Vec<Fault>, UnknownFault> {
    let faults: Vec<Fault> = text.split(',').map(|name| name.trim().parse()).collect::<Result<_, _>>()?;
    if faults.len() > ASKED_MAX { Err(UnknownFault) } else { Ok(faults) }
}

/// The faults that a request's own parameters ask for: by name in its metadata, or by a magic amount in minor
/// units.
pub(crate) fn asked_by(names: Option<&str>, amount: Option<&str>) -> Result<Vec<Fault>, UnknownFault> {
    let mut asked = names.map(parse_all).transpose()?.unwrap_or_default();
    if let Some(amount) = amount {
        let magic = MAGIC_AMOUNTS.iter().find(|(magic, _)| magic.to_string() == *amount);
        asked.extend(magic.map(|(_, fault)| *fault));
    }
    Ok(asked)
}
