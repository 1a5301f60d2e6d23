//! What the pipeline stands on: the topology's own numbers, the account's quotas, and what may be raised
//! before a broadcast.

use contracts::stored::OWED_SHARDS;
use contracts::topology::{Function, Topology};

use crate::limits;
use crate::work::{COLD_START_MS, LOOKS_AFTER_MS, MAILS_PER_SECOND};

/// How a queue's event source mapping takes more batches at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mapping {
    /// By itself, up to the topology's maximum.
    Standard,
    /// With pollers that are paid for by the hour, each good for ten batches at once; then no maximum may
    /// be set.
    Provisioned {
        /// Pollers that are always there.
        least: u64,
        /// Pollers at most.
        most: u64,
    },
}

/// A queue and its consumer.
#[derive(Debug, Clone)]
pub struct Queue {
    /// The consumer.
    pub function: String,
    /// Its memory.
    pub memory_mb: u64,
    /// Most messages of an invocation.
    pub batch: u64,
    /// How many of them are handled at once.
    pub at_once: u64,
    /// Most invocations at once.
    pub concurrency: u64,
    /// How long a message that was not done with stays hidden.
    pub visibility_ms: u64,
    /// After how many receives it lies among the dead letters.
    pub receives: u64,
    /// How more batches at once are taken.
    pub mapping: Mapping,
}

impl Queue {
    /// With batches enough to make so many calls a second, each of which takes about one: twice as many,
    /// because a batch waits for its last call. Many more would wait longer for their turns than a call
    /// may, and be made later.
    #[must_use]
    pub fn for_calls(&self, calls: u64) -> Self {
        Self { concurrency: self.concurrency.max((2 * calls).div_ceil(self.at_once.max(1))), ..self.clone() }
    }
}

/// A function behind the API.
#[derive(Debug, Clone)]
pub struct Front {
    /// Its memory.
    pub memory_mb: u64,
    /// Most environments at once, which are set aside for it.
    pub concurrency: u64,
}

/// Everything that a run is made with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Requests of the API a second.
    pub api_requests: u64,
    /// Requests that may come at once above that.
    pub api_burst: u64,
    /// Environments of the account.
    pub account_concurrency: u64,
    /// Environments that topology sets aside for functions, which the queues' consumers cannot have.
    pub reserved: u64,
    /// Environments of a function that may start in ten seconds.
    pub environments_per_10_seconds: u64,
    /// Environments of `accept-donation` that are kept ready.
    pub warm: u64,
    /// `accept-donation`.
    pub accept: Front,
    /// `show-donation`.
    pub show: Front,
    /// `receive-webhook`'s memory.
    pub webhook_memory_mb: u64,
    /// Write units a second that the table of donations is warm for.
    pub table_writes: u64,
    /// Read units a second that it is warm for.
    pub table_reads: u64,
    /// Write units a second that its index of what is owed is warm for.
    pub index_writes: u64,
    /// Messages published a second.
    pub publishes: u64,
    /// Mails a second.
    pub mails: u64,
    /// Calls a second that the provider allows and `STRIPE_CALLS_PER_SECOND` says.
    pub provider_calls: u64,
    /// From acceptance to the completer's first look.
    pub first_check_ms: u64,
    /// The completer's period.
    pub completer_every_ms: u64,
    /// How long one of its runs may take.
    pub completer_time_ms: u64,
    /// Its memory.
    pub completer_memory_mb: u64,
    /// Most donations that it takes up in one run.
    pub completer_most: u64,
    /// Payments.
    pub payments: Queue,
    /// Journal entries.
    pub ledger: Queue,
    /// Receipts.
    pub receipts: Queue,
    /// Notifications.
    pub notifications: Queue,
}

fn function<'a>(topology: &'a Topology, name: &str) -> &'a Function {
    topology.functions.get(name).unwrap_or_else(|| panic!("the topology has no function {name}"))
}

fn front(topology: &Topology, name: &str) -> Front {
    let function = function(topology, name);
    let concurrency = function.concurrency_max.map_or(limits::ACCOUNT_CONCURRENCY.value, u64::from);
    Front { memory_mb: u64::from(function.memory_mb), concurrency }
}

fn queue(topology: &Topology, name: &str) -> Queue {
    let consumes = |function: &Function| function.queue.as_ref().is_some_and(|queue| queue.name == name);
    let (name_of_function, function) = topology
        .functions
        .iter()
        .find(|(_, function)| consumes(function))
        .unwrap_or_else(|| panic!("nobody consumes the queue {name}"));
    let trigger = function.queue.as_ref().expect("it was found by its queue");
    let queue = topology.queues.get(name).unwrap_or_else(|| panic!("the topology has no queue {name}"));
    Queue {
        function: name_of_function.clone(),
        memory_mb: u64::from(function.memory_mb),
        batch: u64::from(trigger.batch_size),
        at_once: u64::from(trigger.messages_at_once),
        concurrency: u64::from(trigger.concurrency_max),
        visibility_ms: u64::from(queue.visibility_timeout_seconds) * 1_000,
        receives: u64::from(queue.receive_count_max),
        mapping: Mapping::Standard,
    }
}

impl Settings {
    /// The topology as it is, in a new account in London that has asked for nothing but to leave SES's sandbox.
    ///
    /// # Panics
    /// The topology lacks a function or a queue that the plan is about, or a number where a number belongs.
    pub fn untouched(topology: &Topology) -> Self {
        let number = |key: &str| {
            let setting = topology.settings.get(key).map(|setting| setting.default.parse().ok());
            setting.flatten().unwrap_or_else(|| panic!("{key} is no number in the topology"))
        };
        let completer = function(topology, "resume-donations");
        let every = completer.schedule.as_ref().map_or(60, |schedule| schedule.every_seconds);
        let first_check: u64 = number("FIRST_CHECK_SECONDS");
        Self {
            api_requests: limits::API_REQUESTS.value,
            api_burst: limits::API_BURST.value,
            account_concurrency: limits::ACCOUNT_CONCURRENCY.value,
            reserved: topology
                .functions
                .values()
                .filter_map(|each| each.concurrency_max)
                .map(u64::from)
                .sum(),
            environments_per_10_seconds: limits::ENVIRONMENTS_PER_10_SECONDS.value,
            warm: 0,
            accept: front(topology, "accept-donation"),
            show: front(topology, "show-donation"),
            webhook_memory_mb: u64::from(function(topology, "receive-webhook").memory_mb),
            table_writes: limits::NEW_TABLE_WRITES.value,
            table_reads: limits::NEW_TABLE_READS.value,
            index_writes: limits::NEW_TABLE_WRITES.value,
            publishes: limits::PUBLISHES_LONDON.value,
            mails: MAILS_PER_SECOND,
            provider_calls: number("STRIPE_CALLS_PER_SECOND"),
            first_check_ms: first_check * 1_000,
            completer_every_ms: u64::from(every) * 1_000,
            completer_time_ms: u64::from(completer.timeout_seconds) * 1_000,
            completer_memory_mb: u64::from(completer.memory_mb),
            completer_most: u64::from(OWED_SHARDS) * u64::from(app::resume_donations::SHARD_DONATIONS_MAX),
            payments: queue(topology, "payments"),
            ledger: queue(topology, "ledger"),
            receipts: queue(topology, "receipts"),
            notifications: queue(topology, "notifications"),
        }
    }

    /// The same, with what a peak of so many donors a second needs raised before it, a quarter to spare.
    pub fn raised_for(topology: &Topology, peak: u64) -> Self {
        let untouched = Self::untouched(topology);
        let with_spare = |count: u64| count + count / 4;
        let up_to = |count: u64, whole: u64| count.div_ceil(whole) * whole;
        let looks = u64::try_from(LOOKS_AFTER_MS.len()).unwrap_or(u64::MAX) * peak;
        let for_requests = |count: u64| with_spare(count).div_ceil(limits::REQUESTS_PER_CONCURRENCY.value);
        // Before the first environment is warm, every donor who comes needs one of their own.
        let at_first = with_spare(peak) * COLD_START_MS / 1_000;
        let accept = untouched.accept.concurrency.max(up_to(for_requests(peak).max(at_first), 50));
        let show = untouched.show.concurrency.max(up_to(for_requests(looks), 50));
        let reserved = untouched.reserved - untouched.accept.concurrency - untouched.show.concurrency;
        let reserved = reserved + accept + show;
        let provider_calls = limits::STRIPE_ACCOUNT.value;
        let payments = untouched.payments.for_calls(provider_calls);
        let account = up_to(reserved + 500, 500).max(for_requests(peak + looks));
        Self {
            api_requests: untouched.api_requests.max(up_to(with_spare(peak + looks), 1_000)),
            api_burst: untouched.api_burst.max(up_to(with_spare(peak + looks) / 2, 1_000)),
            account_concurrency: untouched.account_concurrency.max(up_to(account, 500)),
            reserved,
            // What may not start at once has to be there.
            warm: up_to(at_first.saturating_sub(untouched.environments_per_10_seconds), 10),
            accept: Front { concurrency: accept, ..untouched.accept },
            show: Front { concurrency: show, ..untouched.show },
            table_writes: untouched.table_writes.max(up_to(with_spare(peak + 10 * provider_calls), 1_000)),
            table_reads: untouched.table_reads.max(up_to(with_spare(looks + 10 * provider_calls), 1_000)),
            index_writes: untouched.index_writes.max(up_to(with_spare(peak + 10 * provider_calls), 1_000)),
            publishes: untouched.publishes.max(up_to(with_spare(peak + 2 * provider_calls), 100)),
            mails: with_spare(provider_calls),
            provider_calls,
            payments,
            ..untouched
        }
    }
}
