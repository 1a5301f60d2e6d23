//! What the pipeline's steps cost in calls and time. Calls and write units are what `cargo xtask bench`
//! counted on 2026-11-21 in ten donations on the local host, unless it says otherwise; what no machine but
//! AWS's can tell is assumed, and says so.

use crate::limits::MEMORY_OF_ONE_PROCESSOR;

/// Assumed: a call to DynamoDB from Lambda in the same region, TLS and network included.
pub const STORE_CALL_MS: u64 = 6;
/// Assumed: a message published, which SNS answers after it has stored it in several places.
pub const PUBLISH_MS: u64 = 20;
/// Assumed: a message sent to a queue.
pub const QUEUE_SEND_MS: u64 = 10;
/// Assumed: a mail handed over.
pub const MAIL_MS: u64 = 60;
/// Assumed: a payment made at Stripe, card network included.
pub const PROVIDER_CALL_MS: u64 = 800;
/// Assumed: from a payment at the provider to its webhook.
pub const WEBHOOK_AFTER_MS: u64 = 1_000;
/// Assumed: a fresh environment until it takes its first request. Some 7 ms of processor time of it are the
/// function's own and were measured, over TLS with the first accept; the rest is Lambda's.
pub const COLD_START_MS: u64 = 100;
/// Assumed: how often, and how long after the answer, a donor's page looks how the donation stands.
pub const LOOKS_AFTER_MS: [u64; 3] = [2_000, 5_000, 12_000];
/// Assumed: how long a donor's page waits before each further try when it was turned away, give or take
/// half of it. Then it gives up.
pub const TRIES_AGAIN_AFTER_MS: [u64; 5] = [2_000, 4_000, 8_000, 16_000, 30_000];
/// Assumed: mails a second of an account that has left SES's sandbox and has asked for no more.
pub const MAILS_PER_SECOND: u64 = 14;

/// Assumed: processor time of a call to AWS or to the provider, with all that goes with it. An accept makes
/// two, and was measured to take twice this.
pub const CPU_MICROS_OF_A_CALL: u64 = 460;
/// Assumed: what Lambda logs of an invocation by itself (START, END, REPORT). The functions log nothing of
/// a donation that goes well, as the benchmark counts.
pub const LOGGED_OF_INVOCATION: u64 = 400;
/// Assumed: the API's line about a request.
pub const LOGGED_OF_REQUEST: u64 = 300;

/// What one message, or one request, costs a function.
#[derive(Debug, Clone, Copy)]
pub struct Work {
    /// The function.
    pub function: &'static str,
    /// Reads of tables, in hundredths of a call.
    pub reads: u64,
    /// Writes of tables, in hundredths of a call.
    pub writes: u64,
    /// Write units of the table of donations, in hundredths.
    pub donation_units: u64,
    /// Write units of its index of what is owed, in hundredths.
    pub index_units: u64,
    /// Write units of other tables, in hundredths.
    pub other_units: u64,
    /// Messages published, in hundredths.
    pub publishes: u64,
    /// Messages sent to a queue, in hundredths.
    pub sends: u64,
    /// Mails, in hundredths.
    pub mails: u64,
    /// Processor time in microseconds on a whole processor.
    pub cpu_micros: u64,
}

impl Work {
    /// Milliseconds that it waits for AWS, one call after the other.
    pub const fn waits(&self) -> u64 {
        let store = (self.reads + self.writes) * STORE_CALL_MS;
        (store + self.publishes * PUBLISH_MS + self.sends * QUEUE_SEND_MS).div_ceil(100)
    }

    /// Milliseconds that so many take on the share of a processor that comes with this much memory.
    pub const fn works(&self, messages: u64, memory_mb: u64) -> u64 {
        (self.cpu_micros * messages * MEMORY_OF_ONE_PROCESSOR.value).div_ceil(memory_mb * 1_000)
    }
}

const NOTHING: Work = Work {
    function: "",
    reads: 0,
    writes: 0,
    donation_units: 0,
    index_units: 0,
    other_units: 0,
    publishes: 0,
    sends: 0,
    mails: 0,
    cpu_micros: 0,
};

/// An accepted donation. Its processor time is the benchmark's, of the deployed build with 3 ms for each
/// AWS call.
pub const ACCEPT: Work = Work {
    function: "accept-donation",
    writes: 100,
    donation_units: 100,
    index_units: 100,
    publishes: 100,
    cpu_micros: 914,
    ..NOTHING
};
/// A look at a donation. Counted from the code.
pub const SHOW: Work =
    Work { function: "show-donation", reads: 100, cpu_micros: CPU_MICROS_OF_A_CALL, ..NOTHING };
/// A payment taken: twelve calls, the provider's among them.
pub const TAKE_PAYMENT: Work = Work {
    function: "take-payment",
    reads: 410,
    writes: 610,
    donation_units: 200,
    other_units: 400,
    publishes: 100,
    cpu_micros: 12 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};
/// A payment booked. Whoever settles a donation takes it out of the index; that is this function or the next.
pub const POST_ENTRY: Work = Work {
    function: "post-journal-entry",
    reads: 240,
    writes: 240,
    donation_units: 100,
    index_units: 40,
    other_units: 400,
    cpu_micros: 5 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};
/// A receipt sent.
pub const SEND_RECEIPT: Work = Work {
    function: "send-receipt",
    reads: 230,
    writes: 230,
    donation_units: 200,
    index_units: 60,
    mails: 100,
    cpu_micros: 6 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};
/// A webhook received.
pub const RECEIVE_WEBHOOK: Work = Work {
    function: "receive-webhook",
    writes: 100,
    other_units: 300,
    sends: 100,
    cpu_micros: 2 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};
/// A notification applied.
pub const APPLY_NOTIFICATION: Work =
    Work { function: "apply-notification", reads: 200, cpu_micros: 2 * CPU_MICROS_OF_A_CALL, ..NOTHING };
/// A donation taken up again. Counted from the code; an entry of the index is moved by a deletion and a write.
pub const RESUME: Work = Work {
    function: "resume-donations",
    reads: 100,
    writes: 100,
    donation_units: 100,
    index_units: 200,
    publishes: 100,
    cpu_micros: 3 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};
/// A donation's movements at the provider, booked by the hour. It is in the bill, and nobody waits for it.
pub const RECONCILE: Work = Work {
    function: "reconcile-payments",
    reads: 420,
    writes: 220,
    other_units: 820,
    cpu_micros: 6 * CPU_MICROS_OF_A_CALL,
    ..NOTHING
};

/// All of them, as the plan prints them.
pub const ALL: [Work; 9] = [
    ACCEPT,
    SHOW,
    TAKE_PAYMENT,
    POST_ENTRY,
    SEND_RECEIPT,
    RECEIVE_WEBHOOK,
    APPLY_NOTIFICATION,
    RESUME,
    RECONCILE,
];
