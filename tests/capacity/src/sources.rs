//! Where the plan's figures come from: published limits and prices, what was measured, and what is assumed.

use crate::limits;
use crate::prices;
use crate::shape::grouped;
use crate::table::table;
use crate::work::{self, Work};

/// The limits, as published.
pub(crate) fn limits() -> String {
    let rows = limits::ALL.iter().map(|figure| {
        let value = format!("{} {}", grouped(figure.value), figure.unit);
        [figure.what.to_owned(), value, figure.source.to_owned(), figure.read_on.to_owned()]
    });
    table("Limits, as published", &["limit", "> figure", "source", "read on"], rows)
}

/// The prices, as published.
pub(crate) fn prices() -> String {
    let rows = prices::ALL
        .iter()
        .map(|price| [price.what, price.stated, price.source, price.published_on].map(ToOwned::to_owned));
    let heads = ["what", "price", "source", "published on"];
    table("Prices in Ireland (eu-west-1), as published", &heads, rows)
}

/// What a donation costs the functions.
pub(crate) fn works() -> String {
    let hundredths = |count: u64| format!("{}.{:02}", count / 100, count % 100);
    let row = |work: &Work| {
        let is_measured = work.function == work::ACCEPT.function;
        let from = if is_measured { "measured" } else { "assumed" };
        [
            work.function.to_owned(),
            hundredths(work.reads),
            hundredths(work.writes),
            hundredths(work.donation_units + work.other_units),
            hundredths(work.index_units),
            hundredths(work.publishes),
            format!("{} µs, {from}", grouped(work.cpu_micros)),
            format!("{} ms", work.waits()),
        ]
    };
    let heads = [
        "function",
        "> reads",
        "> writes",
        "> write units",
        "> of the index",
        "> publishes",
        "> processor",
        "> waits for AWS, assumed",
    ];
    table("What a donation costs the functions", &heads, work::ALL.iter().map(row))
}

/// What is assumed.
pub(crate) fn assumptions() -> String {
    let seconds = |millis: &[u64]| {
        let each: Vec<_> = millis.iter().map(|millis| (millis / 1_000).to_string()).collect();
        format!("{} s", each.join(", "))
    };
    let millis = |millis: u64| format!("{} ms", grouped(millis));
    let rows = [
        ("a call to DynamoDB", millis(work::STORE_CALL_MS)),
        ("a message published", millis(work::PUBLISH_MS)),
        ("a message sent to a queue", millis(work::QUEUE_SEND_MS)),
        ("a mail handed over", millis(work::MAIL_MS)),
        ("a payment made at the provider", millis(work::PROVIDER_CALL_MS)),
        ("from a payment to its webhook", millis(work::WEBHOOK_AFTER_MS)),
        ("a fresh environment until its first request", millis(work::COLD_START_MS)),
        ("processor time of a call to AWS or to the provider", format!("{} µs", work::CPU_MICROS_OF_A_CALL)),
        (
            "mails of an account that left SES's sandbox and asked for no more",
            format!("{} a second", work::MAILS_PER_SECOND),
        ),
        ("logged of an invocation, by Lambda itself", format!("{} bytes", work::LOGGED_OF_INVOCATION)),
        ("logged of a request, by the API", format!("{} bytes", work::LOGGED_OF_REQUEST)),
        ("a page looks at the status so long after the 202", seconds(&work::LOOKS_AFTER_MS)),
        (
            "a page that is turned away waits before each further try, give or take half",
            seconds(&work::TRIES_AGAIN_AFTER_MS),
        ),
    ];
    let rows = rows.into_iter().map(|(what, figure)| [what.to_owned(), figure]);
    table("Assumed", &["what", "> figure"], rows)
}
