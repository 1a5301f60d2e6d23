//! How long calls may take and how often they are tried.

use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

/// Longest time to open a connection. The HTTP client is shared, so it is one for all services.
pub(crate) const CONNECT: Duration = Duration::from_secs(1);

/// Longest pause between two attempts.
const BACKOFF_MAX: Duration = Duration::from_millis(500);

/// The limits of one service's calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    attempt: Duration,
    operation: Duration,
    attempts_max: u32,
    backoff: Duration,
}

const fn limits(attempt_millis: u64, operation_millis: u64, attempts_max: u32) -> Limits {
    Limits {
        attempt: Duration::from_millis(attempt_millis),
        operation: Duration::from_millis(operation_millis),
        attempts_max,
        backoff: Duration::from_millis(50),
    }
}

/// Every write is conditional, so it may be tried again.
pub(crate) const DYNAMODB: Limits = limits(1_000, 3_000, 3);
/// A check that a payment can go on without, rather than wait long for it.
pub(crate) const DYNAMODB_HASTY: Limits =
    Limits { backoff: Duration::from_millis(10), ..limits(800, 2_000, 2) };
/// A page of a query carries up to 1 MiB.
pub(crate) const DYNAMODB_PAGES: Limits = limits(5_000, 15_000, 3);
/// Publishing is a fast path that a donor may be waiting for. What is lost is announced again by the completer.
pub(crate) const SNS_FAST: Limits = Limits { backoff: Duration::from_millis(10), ..limits(200, 300, 2) };
/// The completer is what makes up for lost announcements, so it takes its time.
pub(crate) const SNS_PATIENT: Limits = limits(1_000, 3_000, 3);
/// Messages may be sent twice; whoever receives them bears that.
pub(crate) const SQS: Limits = limits(1_000, 3_000, 3);
/// One attempt: a mail handed over twice is sent twice.
pub(crate) const SES: Limits = limits(8_000, 8_000, 1);
/// An object of an export may be some megabytes long.
pub(crate) const S3: Limits = limits(30_000, 60_000, 3);
/// Donors wait for the first reading; later ones are behind a cache.
pub(crate) const SECRETS: Limits = limits(1_000, 2_500, 3);

impl Limits {
    pub(crate) fn timeouts(self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .operation_attempt_timeout(self.attempt)
            .operation_timeout(self.operation)
            .build()
    }

    pub(crate) fn retries(self) -> RetryConfig {
        RetryConfig::standard()
            .with_max_attempts(self.attempts_max)
            .with_initial_backoff(self.backoff)
            .with_max_backoff(BACKOFF_MAX)
    }
}
