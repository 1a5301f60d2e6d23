//! The capacity plan holds together: nobody is lost in it, more is never worse, what is in the way is named, and where
//! arithmetic alone gives the answer it is the same.

mod arithmetic;
mod committed;
mod conservation;
mod limits;
mod money;

use contracts::topology::Topology;
use tests_capacity::settings::Settings;

/// Settings under which nothing is in the way of some hundred donors a second.
fn ample() -> Settings {
    Settings { provider_calls: 500, publishes: 9_000, mails: 500, ..wide() }
}

fn wide() -> Settings {
    let raised = Settings::raised_for(&Topology::shipped(), 2_000);
    let wide = |queue: &tests_capacity::settings::Queue| tests_capacity::settings::Queue {
        concurrency: 200,
        ..queue.clone()
    };
    Settings {
        payments: wide(&raised.payments),
        ledger: wide(&raised.ledger),
        receipts: wide(&raised.receipts),
        notifications: wide(&raised.notifications),
        ..raised
    }
}
