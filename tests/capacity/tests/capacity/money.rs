//! Money is exact to the last whole unit, and rounded once.

use std::collections::BTreeMap;

use contracts::topology::Topology;
use tests_capacity::bill::Bill;
use tests_capacity::outcome::{Counts, Outcome};
use tests_capacity::prices::{self, Picodollars};
use tests_capacity::settings::Settings;

#[test]
fn prices_are_those_that_are_stated() {
    let million = |price: &prices::Price| (price.each * 1_000_000).to_string();
    assert_eq!(million(&prices::API_REQUEST), "$1.1100");
    assert_eq!(million(&prices::WRITE_UNIT), "$0.7050");
    assert_eq!(million(&prices::READ_UNIT), "$0.1415");
    assert_eq!((prices::GB_SECOND.each * 10_000_000_000).to_string(), "$133334.0000");
    assert_eq!(prices::LOGGED_GB.each.to_string(), "$0.5700");
}

#[test]
fn amounts_are_rounded_where_they_are_shown_and_nowhere_else() {
    assert_eq!(Picodollars(49_999_999).to_string(), "$0.0001");
    assert_eq!(Picodollars(49_499_999).to_string(), "$0.0000");
    assert_eq!(Picodollars(7).parts(1, 2), Picodollars(4));
    assert_eq!(Picodollars(10).per_thousand(3), Picodollars(3_333));
    assert_eq!(Picodollars(10).per_thousand(0), Picodollars(0));
}

#[test]
fn a_bill_is_the_sum_of_what_was_used() {
    let counts = Counts {
        api_requests: 1_000_000,
        publishes: 1_000_000,
        queue_requests: 1_000_000,
        mails: 1_000,
        used: BTreeMap::new(),
        ..Counts::default()
    };
    let outcome = Outcome { donors: 1_000, accepted: 1_000, counts, ..Outcome::default() };
    let bill = Bill::of(&outcome, &Settings::untouched(&Topology::shipped()));
    let amount = |name: &str| bill.lines.iter().find(|line| line.0 == name).unwrap().1.to_string();
    assert_eq!(amount("API Gateway requests"), "$1.1100");
    assert_eq!(amount("SNS publishes"), "$0.5000");
    assert_eq!(amount("SQS requests"), "$0.4000");
    assert_eq!(amount("SES mails"), "$0.1000");
    let sum: Picodollars = bill.lines.iter().map(|line| line.1).sum();
    assert_eq!(bill.total(), sum);
    assert_eq!(bill.per_thousand().0, sum, "for a thousand donations, it is the whole");
}
