//! The limits that a provider's rate limiter may say were passed.

/// What there was too much of. Stripe names it in `Stripe-Rate-Limited-Reason`
/// (<https://docs.stripe.com/rate-limits>); a lock that could not be had in time is the other thing it
/// answers 429 for (<https://docs.stripe.com/error-codes#lock-timeout>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    EndpointRate,
    EndpointConcurrency,
    GlobalRate,
    GlobalConcurrency,
    ResourceSpecific,
    LockTimeout,
}

impl Limit {
    const ALL: [Self; 6] = [
        Self::EndpointRate,
        Self::EndpointConcurrency,
        Self::GlobalRate,
        Self::GlobalConcurrency,
        Self::ResourceSpecific,
        Self::LockTimeout,
    ];

    /// The name, as Stripe writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::EndpointRate => "endpoint-rate",
            Self::EndpointConcurrency => "endpoint-concurrency",
            Self::GlobalRate => "global-rate",
            Self::GlobalConcurrency => "global-concurrency",
            Self::ResourceSpecific => "resource-specific",
            Self::LockTimeout => "lock_timeout",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|limit| limit.name() == name)
    }

    /// The names, for people.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::name).join(", ")
    }
}
