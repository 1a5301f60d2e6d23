//! What AWS charges in Ireland (eu-west-1): its own price list, first tier, without the free tier.
//!
//! Money is a whole number of millionths of a millionth of a dollar: a request costs less than a millionth.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul};

/// An amount of money in millionths of a millionth of a US dollar.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picodollars(pub u128);

/// A price.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    /// For what.
    pub what: &'static str,
    /// How much one costs.
    pub each: Picodollars,
    /// The price as AWS words it.
    pub stated: &'static str,
    /// Where AWS states it.
    pub source: &'static str,
    /// When that list was published.
    pub published_on: &'static str,
}

impl Picodollars {
    /// Whole millionths of a dollar, halves rounded up.
    pub const fn micros(self) -> u128 {
        (self.0 + 500_000) / 1_000_000
    }

    /// So many parts of which there are `of` in one, rounded up.
    #[must_use]
    pub fn parts(self, count: u128, of: u128) -> Self {
        Self((self.0 * count).div_ceil(of))
    }

    /// What each of so many cost, for a thousand of them; nothing where there are none.
    #[must_use]
    pub fn per_thousand(self, of: u64) -> Self {
        let of = u128::from(of);
        Self((self.0 * 1_000 + of / 2).checked_div(of).unwrap_or(0))
    }
}

impl Add for Picodollars {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Mul<u64> for Picodollars {
    type Output = Self;

    fn mul(self, times: u64) -> Self {
        Self(self.0 * u128::from(times))
    }
}

impl Sum for Picodollars {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::default(), Self::add)
    }
}

/// Dollars to the hundredth of a cent.
impl fmt::Display for Picodollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ten_thousandths = (self.micros() + 50) / 100;
        write!(f, "${}.{:04}", ten_thousandths / 10_000, ten_thousandths % 10_000)
    }
}

const fn price(
    what: &'static str,
    picodollars: u128,
    stated: &'static str,
    source: &'static str,
    published_on: &'static str,
) -> Price {
    Price { what, each: Picodollars(picodollars), stated, source, published_on }
}

/// Where AWS publishes its price lists; what follows is a service and a region.
macro_rules! list {
    ($service:literal) => {
        concat!("pricing.us-east-1.amazonaws.com/offers/v1.0/aws/", $service, "/current/eu-west-1/index.json")
    };
}

/// A request of an HTTP API.
pub const API_REQUEST: Price =
    price("HTTP API request", 1_110_000, "$1.11 a million", list!("AmazonApiGateway"), "2026-10-02");
/// An invocation of a function.
pub const INVOCATION: Price =
    price("Lambda request", 200_000, "$0.20 a million", list!("AWSLambda"), "2026-10-01");
/// A second with a GB of memory on arm64.
pub const GB_SECOND: Price =
    price("Lambda GB-second, arm64", 13_333_400, "$0.0000133334 each", list!("AWSLambda"), "2026-10-01");
/// A write request unit.
pub const WRITE_UNIT: Price =
    price("DynamoDB write request unit", 705_000, "$0.705 a million", list!("AmazonDynamoDB"), "2026-09-11");
/// A read request unit.
pub const READ_UNIT: Price =
    price("DynamoDB read request unit", 141_500, "$0.1415 a million", list!("AmazonDynamoDB"), "2026-09-11");
/// A message published; its deliveries to queues are free.
pub const PUBLISH: Price = price("SNS publish", 500_000, "$0.50 a million", list!("AmazonSNS"), "2026-09-15");
/// A request of a standard queue.
pub const QUEUE_REQUEST: Price =
    price("SQS request", 400_000, "$0.40 a million", list!("AWSQueueService"), "2026-09-11");
/// A GB logged.
pub const LOGGED_GB: Price = price(
    "CloudWatch Logs, GB ingested",
    570_000_000_000,
    "$0.57 each",
    list!("AmazonCloudWatch"),
    "2026-09-22",
);
/// A mail.
pub const MAIL: Price =
    price("SES mail", 100_000_000, "$0.10 a thousand", "aws.amazon.com/ses/pricing", "2026-11-20");

/// All of them, as the plan prints them.
pub const ALL: [&Price; 9] = [
    &API_REQUEST,
    &INVOCATION,
    &GB_SECOND,
    &WRITE_UNIT,
    &READ_UNIT,
    &PUBLISH,
    &QUEUE_REQUEST,
    &LOGGED_GB,
    &MAIL,
];
