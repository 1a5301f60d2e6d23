//! What a run costs at AWS.

use crate::outcome::{Counts, Outcome};
use crate::prices::{self, Picodollars};
use crate::settings::Settings;
use crate::work::{self, Work};

const GIB: u128 = 1 << 30;
/// MiB-milliseconds of a GB-second.
const GB_SECOND: u128 = 1_024 * 1_000;

/// A bill.
#[derive(Debug, Clone)]
pub struct Bill {
    /// What is paid for, and how much.
    pub lines: Vec<(&'static str, Picodollars)>,
    /// Of these, the mails.
    pub mails: Picodollars,
    /// Donations accepted.
    pub donations: u64,
}

impl Bill {
    /// The bill of a run.
    pub fn of(outcome: &Outcome, settings: &Settings) -> Self {
        let counts = &outcome.counts;
        let [writes, reads] = units(outcome);
        let requests: u64 = counts.used.values().map(|used| used.invocations).sum();
        let mails = prices::MAIL.each * counts.mails;
        let logged = u128::from(work::LOGGED_OF_INVOCATION) * u128::from(requests)
            + u128::from(work::LOGGED_OF_REQUEST) * u128::from(counts.api_requests);
        let lines = vec![
            ("API Gateway requests", prices::API_REQUEST.each * counts.api_requests),
            ("Lambda requests", prices::INVOCATION.each * requests),
            ("Lambda compute", prices::GB_SECOND.each.parts(mib_millis(counts, settings), GB_SECOND)),
            ("DynamoDB writes", prices::WRITE_UNIT.each.parts(writes, 100)),
            ("DynamoDB reads", prices::READ_UNIT.each.parts(reads, 100)),
            ("SNS publishes", prices::PUBLISH.each * counts.publishes),
            ("SQS requests", prices::QUEUE_REQUEST.each * counts.queue_requests),
            ("CloudWatch Logs", prices::LOGGED_GB.each.parts(logged, GIB)),
            ("SES mails", mails),
        ];
        Self { lines, mails, donations: outcome.accepted }
    }

    /// The sum.
    pub fn total(&self) -> Picodollars {
        self.lines.iter().map(|(_, amount)| *amount).sum()
    }

    /// The sum for a thousand donations, and the part of it that is not for mails.
    pub fn per_thousand(&self) -> (Picodollars, Picodollars) {
        let total = self.total();
        let rest = Picodollars(total.0 - self.mails.0);
        (total.per_thousand(self.donations), rest.per_thousand(self.donations))
    }
}

/// Write and read units, in hundredths.
fn units(outcome: &Outcome) -> [u128; 2] {
    let counts = &outcome.counts;
    let messages = |work: &Work| counts.used.get(work.function).map_or(0, |used| used.messages);
    let taken = messages(&work::TAKE_PAYMENT) - counts.in_vain;
    let settled = outcome.samples.last().map_or(0, |sample| sample.tally.settled);
    // Whoever finds nothing to do writes nothing.
    let writes = [
        (work::ACCEPT, messages(&work::ACCEPT)),
        (work::TAKE_PAYMENT, taken),
        (work::POST_ENTRY, settled),
        (work::SEND_RECEIPT, counts.mails),
        (work::RECEIVE_WEBHOOK, messages(&work::RECEIVE_WEBHOOK)),
        (work::APPLY_NOTIFICATION, messages(&work::APPLY_NOTIFICATION)),
        (work::RESUME, counts.resumed),
        (work::RECONCILE, settled),
    ];
    let written = writes.iter().map(|(work, times)| {
        u128::from(work.donation_units + work.index_units + work.other_units) * u128::from(*times)
    });
    let reads = [
        (work::SHOW.reads, counts.looks),
        (work::TAKE_PAYMENT.reads, taken),
        (100, counts.in_vain),
        (work::POST_ENTRY.reads, messages(&work::POST_ENTRY)),
        (work::SEND_RECEIPT.reads, messages(&work::SEND_RECEIPT)),
        (work::APPLY_NOTIFICATION.reads, messages(&work::APPLY_NOTIFICATION)),
        (work::RESUME.reads, counts.resumed),
        (work::RECONCILE.reads, settled),
    ];
    let read = reads.iter().map(|(units, times)| u128::from(*units) * u128::from(*times));
    [written.sum(), read.sum()]
}

fn mib_millis(counts: &Counts, settings: &Settings) -> u128 {
    let queues = [&settings.payments, &settings.ledger, &settings.receipts, &settings.notifications];
    let memory = |function: &str| match function {
        name if name == work::ACCEPT.function => settings.accept.memory_mb,
        name if name == work::SHOW.function => settings.show.memory_mb,
        name if name == work::RECEIVE_WEBHOOK.function => settings.webhook_memory_mb,
        name if name == work::RESUME.function => settings.completer_memory_mb,
        name => queues.iter().find(|queue| queue.function == name).map_or(0, |queue| queue.memory_mb),
    };
    counts.used.iter().map(|(function, used)| u128::from(used.millis) * u128::from(memory(function))).sum()
}
