//! More is never worse, what is in the way is named, and the topology is what the plan is made from.

use contracts::topology::Topology;
use tests_capacity::limits::Limit;
use tests_capacity::outcome::Outcome;
use tests_capacity::run::{Run, run};
use tests_capacity::settings::{Front, Mapping, Queue, Settings};
use tests_capacity::shape::{Phase, Shape};

use crate::{ample, narrow, paced};

fn shape() -> Shape {
    Shape::step(400, 10)
}

type Change = fn(Settings) -> Settings;

/// Settings in which many limits are near.
fn tight() -> Settings {
    Settings {
        api_requests: 800,
        api_burst: 100,
        environments_per_10_seconds: 20,
        accept: Front { memory_mb: 256, concurrency: 30 },
        table_writes: 500,
        index_writes: 300,
        publishes: 250,
        mails: 20,
        provider_calls: 25,
        completer_most: 200,
        ..Settings::untouched(&Topology::shipped())
    }
}

#[test]
fn raising_a_limit_at_the_door_never_turns_more_away() {
    let before = run(&tight(), &shape());
    let changes: [(&str, Change); 6] = [
        ("requests", |tight| Settings { api_requests: 1_600, api_burst: 200, ..tight }),
        ("scale-up", |tight| Settings { environments_per_10_seconds: 1_000, ..tight }),
        ("concurrency", |tight| Settings { accept: Front { memory_mb: 256, concurrency: 60 }, ..tight }),
        ("ready environments", |tight| Settings { warm: 30, ..tight }),
        ("writes", |tight| Settings { table_writes: 2_000, ..tight }),
        ("index", |tight| Settings { index_writes: 2_000, ..tight }),
    ];
    for (what, change) in changes {
        let after = run(&change(tight()), &shape());
        assert!(after.accepted >= before.accepted, "{what}: {} < {}", after.accepted, before.accepted);
        assert!(after.at_first_try >= before.at_first_try, "{what}: fewer at the first try");
    }
}

#[test]
fn raising_a_limit_behind_the_door_never_settles_later() {
    let slow = || Settings { publishes: 250, completer_most: 200, ..paced(25) };
    let few_mails = || Settings { mails: 15, ..slow() };
    // Where messages are short too, quicker payments take them from donors.
    let many_messages = || Settings { publishes: 9_000, ..slow() };
    let few_environments = || Settings { account_concurrency: slow().reserved + 8, ..slow() };
    let changes: [(&str, Settings, Change); 5] = [
        ("publishes", slow(), |slow| Settings { publishes: 9_000, ..slow }),
        ("mails", few_mails(), |slow| Settings { mails: 200, ..slow }),
        ("provider", many_messages(), |slow| Settings { provider_calls: 50, mails: 100, ..slow }),
        ("completer", slow(), |slow| Settings { completer_most: 8_000, ..slow }),
        ("account", few_environments(), |slow| Settings { account_concurrency: 10_000, ..slow }),
    ];
    for (what, slow, change) in changes {
        let settled = |settings: &Settings| run(settings, &shape()).settled_ms.unwrap();
        let before = settled(&slow);
        let after = settled(&change(slow));
        assert!(after <= before, "{what}: {after} > {before}");
    }
}

#[test]
fn raising_the_provider_alone_runs_into_the_mails_and_takes_longer() {
    let slow = Settings { mails: 25, ..paced(25) };
    let quick = Settings { provider_calls: 100, ..slow.clone() };
    let [slow, quick] = [slow, quick].map(|settings| run(&settings, &shape()));
    assert_eq!((slow.counts.mails_refused, slow.bottleneck()), (0, Some(Limit::ProviderCalls)));
    assert_eq!(quick.bottleneck(), Some(Limit::Mails));
    assert!(quick.settled_ms > slow.settled_ms);
}

#[test]
fn more_batches_than_the_provider_has_turns_for_wait_in_vain() {
    let fit = paced(25);
    let payments = Queue { concurrency: 200, ..fit.payments.clone() };
    let [fit, many] = [fit.clone(), Settings { payments, ..fit }].map(|settings| run(&settings, &shape()));
    assert_eq!(fit.counts.without_turn, 0, "a hundred calls at once wait four seconds");
    assert!(many.counts.without_turn > 1_000, "{:?}", many.counts);
    assert!(many.settled_ms > fit.settled_ms);
}

#[test]
fn a_limit_that_alone_is_low_is_named_at_the_door() {
    assert_eq!(run(&ample(), &shape()).door(), None, "nobody is turned away otherwise");
    let changes: [(Limit, Change); 5] = [
        (Limit::ApiRequests, |ample| Settings { api_requests: 300, api_burst: 30, ..ample }),
        (Limit::AcceptConcurrency, |ample| Settings {
            accept: Front { memory_mb: 256, concurrency: 20 },
            ..ample
        }),
        (Limit::ScaleUp, |ample| Settings { environments_per_10_seconds: 10, warm: 0, ..ample }),
        (Limit::TableWrites, |ample| Settings { table_writes: 200, ..ample }),
        (Limit::IndexWrites, |ample| Settings { index_writes: 100, ..ample }),
    ];
    for (limit, change) in changes {
        let outcome = run(&change(ample()), &shape());
        assert_eq!(outcome.door(), Some(limit), "{:?}", outcome.refusals);
    }
}

#[test]
fn a_limit_that_alone_is_low_is_named_behind_the_door() {
    let changes: [(Limit, Change); 10] = [
        (Limit::ProviderCalls, |_| paced(25)),
        (Limit::Mails, |ample| Settings { mails: 5, ..ample }),
        (Limit::Publishes, |ample| Settings { publishes: 600, ..ample }),
        (Limit::Completer, |ample| Settings { publishes: 450, completer_most: 50, ..ample }),
        (Limit::PaymentBatches, |ample| Settings { payments: narrow(&ample.payments, 2), ..ample }),
        (Limit::LedgerBatches, |ample| Settings { ledger: narrow(&ample.ledger, 2), ..ample }),
        (Limit::ReceiptBatches, |ample| Settings { receipts: narrow(&ample.receipts, 2), ..ample }),
        (Limit::NotificationBatches, |ample| Settings {
            notifications: narrow(&ample.notifications, 1),
            ..ample
        }),
        (Limit::AccountConcurrency, |ample| Settings { account_concurrency: ample.reserved + 8, ..ample }),
        (Limit::MappingRamp, |ample| Settings { provider_calls: 1_000, ..ample }),
    ];
    for (limit, change) in changes {
        let outcome = run(&change(ample()), &shape());
        assert_eq!(outcome.bottleneck(), Some(limit), "{:?}", outcome.waits);
    }
}

#[test]
fn provisioned_pollers_are_there_from_the_beginning() {
    let settings = Settings { provider_calls: 1_000, ..ample() };
    let mapping = Mapping::Provisioned { least: 20, most: 40 };
    let payments = Queue { mapping, ..settings.payments.clone() };
    let ramped = |outcome: &Outcome| outcome.waits.get(&Limit::MappingRamp).copied().unwrap_or(0);
    let standard = run(&settings, &shape());
    let provisioned = run(&Settings { payments, ..settings }, &shape());
    assert!(ramped(&provisioned) < ramped(&standard) / 5, "{:?} {:?}", provisioned.waits, standard.waits);
}

#[test]
fn mails_above_the_quota_come_back_and_end_among_the_dead_letters() {
    let outcome = run(&Settings { mails: 5, ..ample() }, &shape());
    assert!(outcome.counts.dead_letters > 0, "{:?}", outcome.counts);
    assert_eq!(outcome.counts.mails, outcome.accepted, "and the completer has each sent all the same");
}

#[test]
fn a_table_takes_twice_its_former_peak_half_an_hour_later() {
    // One payment a second, one at a time, leaves the table to the donors.
    let slow = paced(1);
    let settings = Settings { table_writes: 150, payments: narrow(&slow.payments, 1), ..slow };
    let phase = |seconds, per_second| Phase { seconds, per_second };
    let turned_away = |phases: &[Phase]| {
        let mut run = Run::new(&settings, &Shape { name: "waves".to_owned(), phases: phases.to_vec() });
        for _ in 0..phases.iter().map(|phase| phase.seconds * 10).sum() {
            assert!(run.step());
        }
        run.end().refusals.get(&Limit::TableWrites).copied().unwrap_or(0)
    };
    assert!(turned_away(&[phase(10, 200)]) > 0);
    assert!(turned_away(&[phase(10, 120), phase(60, 1), phase(10, 200)]) > 0);
    assert_eq!(turned_away(&[phase(10, 120), phase(3_600, 1), phase(10, 200)]), 0);
}

#[test]
fn a_change_of_the_topology_changes_the_plan() {
    let mut topology = Topology::shipped();
    let before = Settings::untouched(&topology);
    let payments = topology.functions.get_mut("take-payment").unwrap();
    let trigger = payments.queue.as_mut().unwrap();
    (trigger.concurrency_max, trigger.batch_size, trigger.messages_at_once) = (2, 5, 5);
    topology.functions.get_mut("accept-donation").unwrap().concurrency_max = Some(20);
    topology.queues.get_mut("receipts").unwrap().visibility_timeout_seconds = 600;
    let after = Settings::untouched(&topology);
    let [slow, quick] = [&after, &before].map(|settings| {
        let settings = Settings { mails: 100, ..settings.clone() };
        run(&settings, &Shape::step(200, 5))
    });
    assert_eq!(after.reserved + 80, before.reserved);
    assert!(slow.settled_ms > quick.settled_ms);
    assert!(slow.at_first_try <= quick.at_first_try);
    assert_eq!((after.payments.batch, after.receipts.visibility_ms), (5, 600_000));
}
