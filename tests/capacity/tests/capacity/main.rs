//! The capacity plan holds together: nobody is lost in it, more is never worse, what is in the way is
//! named, and where arithmetic alone gives the answer it is the same.

mod arithmetic;
mod committed;
mod conservation;
mod limits;
mod money;

use contracts::topology::Topology;
use tests_capacity::settings::{Queue, Settings};

/// Settings under which nothing is in the way of some hundred donors a second.
fn ample() -> Settings {
    Settings { mails: 1_000, ..paced(500) }
}

/// The same with a provider that allows so many calls, and as many batches as fit them.
fn paced(provider_calls: u64) -> Settings {
    let raised = Settings::raised_for(&Topology::shipped(), 2_000);
    let wide = |queue: &Queue| Queue { concurrency: 100, ..queue.clone() };
    Settings {
        payments: raised.payments.for_calls(provider_calls),
        ledger: wide(&raised.ledger),
        receipts: wide(&raised.receipts),
        notifications: wide(&raised.notifications),
        mails: 2 * provider_calls,
        publishes: 9_000,
        provider_calls,
        ..raised
    }
}

/// A queue whose messages are handled one after the other, or two at a time.
fn narrow(queue: &Queue, concurrency: u64) -> Queue {
    Queue { concurrency, batch: 1, at_once: 1, ..queue.clone() }
}
