//! A run: time goes by in tenths of a second until everybody has been answered and nothing is owed.

use std::collections::BTreeMap;
use std::fmt;

use domain::budget::{Budget, BudgetLimits, CallsPerSecond};

use crate::bucket::Bucket;
use crate::completer::Completer;
use crate::consumer::Consumer;
use crate::donations::{Donations, Stage, Tally};
use crate::door::Door;
use crate::limits::Limit;
use crate::outcome::{Outcome, Sample};
use crate::settings::Settings;
use crate::shape::Shape;
use crate::work::{self, WEBHOOK_AFTER_MS};

/// Length of a step.
pub const STEP_MS: u64 = 100;
/// Longest run: a week, after which something never ends.
const RUN_MAX_MS: u64 = 7 * 24 * 3_600_000;
/// A provider that is lent this far ahead is what its donations wait for.
const SPENT_AHEAD_MS: u64 = 1_000;

/// Something that happens at a moment.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Event {
    Captured(usize),
    WithoutTurn(usize),
    Booked(usize),
    Mailed(usize),
    NotMailed(usize),
    Webhook(usize),
}

/// A run under way.
pub struct Run {
    pub(crate) settings: Settings,
    pub(crate) now_ms: u64,
    pub(crate) donations: Donations,
    pub(crate) door: Door,
    pub(crate) shown: Bucket,
    pub(crate) reads: Bucket,
    pub(crate) budget: Budget,
    pub(crate) budget_limits: BudgetLimits,
    pub(crate) payments: Consumer,
    pub(crate) knocking: BTreeMap<u64, Vec<usize>>,
    pub(crate) looking: BTreeMap<u64, u64>,
    pub(crate) outcome: Outcome,
    pub(crate) completer: Completer,
    /// Accepted donations that no message speaks of, by what came in between.
    pub(crate) unannounced: BTreeMap<Limit, u64>,
    pub(crate) publishes: Bucket,
    pub(crate) mails: Bucket,
    pub(crate) ledger: Consumer,
    pub(crate) receipts: Consumer,
    pub(crate) notifications: Consumer,
    arrivals: Box<dyn Iterator<Item = u64>>,
    has_arrivals: bool,
    events: BTreeMap<u64, Vec<Event>>,
}

impl fmt::Debug for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Run at {} ms: {:?}", self.now_ms, self.donations.tally())
    }
}

/// Runs a shape to its end.
///
/// # Panics
/// The settings' rate of provider calls is not between 1 and 1,000.
pub fn run(settings: &Settings, shape: &Shape) -> Outcome {
    let mut run = Run::new(settings, shape);
    while run.step() {}
    run.end()
}

impl Run {
    /// A run at its beginning.
    ///
    /// # Panics
    /// The settings' rate of provider calls is not between 1 and 1,000.
    pub fn new(settings: &Settings, shape: &Shape) -> Self {
        let calls =
            u16::try_from(settings.provider_calls).ok().and_then(|calls| CallsPerSecond::new(calls).ok());
        let calls = calls.expect("a provider is called 1 to 1,000 times a second");
        let consumer = |queue: &crate::settings::Queue, limit| Consumer::new(queue.clone(), limit);
        Self {
            now_ms: 0,
            donations: Donations::default(),
            door: Door::new(settings, &work::ACCEPT),
            shown: Bucket::even(settings.show.concurrency * crate::limits::REQUESTS_PER_CONCURRENCY.value),
            reads: Bucket::even(settings.table_reads),
            budget: Budget::FRESH,
            budget_limits: BudgetLimits::below(calls),
            payments: consumer(&settings.payments, Limit::PaymentBatches),
            ledger: consumer(&settings.ledger, Limit::LedgerBatches),
            receipts: consumer(&settings.receipts, Limit::ReceiptBatches),
            notifications: consumer(&settings.notifications, Limit::NotificationBatches),
            knocking: BTreeMap::new(),
            looking: BTreeMap::new(),
            outcome: Outcome { donors: shape.donors(), ..Outcome::default() },
            completer: Completer::new(settings, &work::RESUME),
            unannounced: BTreeMap::new(),
            publishes: Bucket::even(settings.publishes),
            // SES lets short bursts pass.
            mails: Bucket::new(settings.mails, settings.mails),
            arrivals: Box::new(shape.arrivals(STEP_MS)),
            has_arrivals: true,
            events: BTreeMap::new(),
            settings: settings.clone(),
        }
    }

    /// Lets a step go by. False when it was the last.
    pub fn step(&mut self) -> bool {
        let step = self.now_ms..self.now_ms + STEP_MS;
        self.door.pass(&step);
        for bucket in [&mut self.publishes, &mut self.mails, &mut self.shown, &mut self.reads] {
            bucket.pass(STEP_MS);
        }
        self.happen(step.start / STEP_MS);
        // Who asks for a message to be published first takes turns.
        if (step.start / STEP_MS).is_multiple_of(2) {
            self.knock(&step);
            self.resume(&step);
        } else {
            self.resume(&step);
            self.knock(&step);
        }
        for consumer in [&mut self.payments, &mut self.ledger, &mut self.receipts, &mut self.notifications] {
            consumer.pass(&step);
        }
        self.pay(&step);
        self.follow(&step);
        if self.outcome.settled_ms.is_none() {
            self.note_waits();
        }
        self.now_ms = step.end;
        if self.outcome.settled_ms.is_none() && self.is_settled() {
            self.outcome.settled_ms = Some(step.end);
        }
        // Repetitions may still lie in the queues, which somebody has to look at and pay for.
        let is_over = self.is_settled() && self.are_queues_empty() || step.end >= RUN_MAX_MS;
        if step.end.is_multiple_of(1_000) || is_over {
            self.sample();
        }
        !is_over
    }

    /// What became of it.
    pub fn end(mut self) -> Outcome {
        let used = [
            (work::ACCEPT.function, self.door.used),
            (work::TAKE_PAYMENT.function, self.payments.used),
            (work::POST_ENTRY.function, self.ledger.used),
            (work::SEND_RECEIPT.function, self.receipts.used),
            (work::APPLY_NOTIFICATION.function, self.notifications.used),
            (work::RESUME.function, self.completer.used),
        ];
        self.outcome.counts.used.extend(used);
        for consumer in [&self.payments, &self.ledger, &self.receipts, &self.notifications] {
            // A batch is received once and deleted once; the delivery of each message counts too.
            let deliveries = consumer.used.messages + 2 * consumer.used.invocations;
            self.outcome.counts.queue_requests += deliveries;
        }
        self.outcome
    }

    /// Who stands where, counted anew.
    pub fn counted(&self) -> Tally {
        self.donations.counted()
    }

    /// Donors who have had their 202.
    pub fn accepted(&self) -> u64 {
        self.outcome.accepted
    }

    /// Donations that are booked.
    pub fn booked(&self) -> u64 {
        self.outcome.counts.entries
    }

    /// New donors of the next step; none after the last.
    pub(crate) fn arrive(&mut self) -> u64 {
        let next = self.arrivals.next();
        self.has_arrivals = next.is_some();
        next.unwrap_or(0)
    }

    /// Something will happen then, in the next step at the earliest.
    pub(crate) fn at(&mut self, at_ms: u64, event: Event) {
        let step = (at_ms / STEP_MS).max(self.now_ms / STEP_MS + 1);
        self.events.entry(step).or_default().push(event);
    }

    /// Publishes a message, where the quota has one left.
    pub(crate) fn publish(&mut self) -> bool {
        let is_published = self.publishes.take(1);
        self.outcome.counts.publishes += u64::from(is_published);
        is_published
    }

    /// No message speaks of this donation, because of that.
    pub(crate) fn leave_unannounced(&mut self, id: usize, because: Limit) {
        self.donations.put(id, Stage::Unannounced);
        self.donations.get_mut(id).because = because;
        *self.unannounced.entry(because).or_default() += 1;
    }

    /// Environments that the queues' consumers may still start.
    pub(crate) fn spare(&self) -> u64 {
        let consumers = [&self.payments, &self.ledger, &self.receipts, &self.notifications];
        let busy: u64 = consumers.iter().map(|consumer| consumer.busy()).sum();
        let left = self.settings.account_concurrency.saturating_sub(self.settings.reserved);
        left.saturating_sub(busy)
    }

    fn happen(&mut self, step: u64) {
        while let Some(entry) = self.events.first_entry() {
            if *entry.key() > step {
                break;
            }
            for event in entry.remove() {
                self.happens(event);
            }
        }
    }

    fn happens(&mut self, event: Event) {
        match event {
            Event::Captured(id) => {
                self.donations.put(id, Stage::Owing);
                self.at(self.now_ms + WEBHOOK_AFTER_MS, Event::Webhook(id));
                if self.publish() {
                    self.ledger.send(id);
                    self.receipts.send(id);
                }
            }
            Event::WithoutTurn(id) => {
                self.outcome.counts.without_turn += 1;
                self.leave_unannounced(id, Limit::ProviderCalls);
            }
            Event::Booked(id) => {
                self.donations.get_mut(id).is_booked = true;
                self.outcome.counts.entries += 1;
                self.settle(id);
            }
            Event::Mailed(id) => {
                self.donations.get_mut(id).is_mailed = true;
                self.settle(id);
            }
            Event::NotMailed(id) => {
                let donation = self.donations.get_mut(id);
                donation.receives += 1;
                if u64::from(donation.receives) >= self.settings.receipts.receives {
                    donation.receives = 0;
                    self.outcome.counts.dead_letters += 1;
                } else {
                    self.receipts.hide(id, self.now_ms);
                }
            }
            Event::Webhook(id) => {
                let used = self.outcome.counts.used.entry(work::RECEIVE_WEBHOOK.function).or_default();
                used.invocations += 1;
                used.messages += 1;
                used.millis += work::RECEIVE_WEBHOOK.waits()
                    + work::RECEIVE_WEBHOOK.works(1, self.settings.webhook_memory_mb);
                self.outcome.counts.api_requests += 1;
                self.notifications.send(id);
            }
        }
    }

    fn settle(&mut self, id: usize) {
        let donation = self.donations.get(id);
        if donation.is_booked && donation.is_mailed && donation.stage == Stage::Owing {
            self.donations.put(id, Stage::Settled);
        }
    }

    fn note_waits(&mut self) {
        let spare = self.spare();
        let is_spent = self.budget.free_at.as_millis() > self.now_ms + SPENT_AHEAD_MS;
        let mut waits = vec![(Limit::Mails, self.receipts.hidden())];
        for consumer in [&self.payments, &self.ledger, &self.receipts, &self.notifications] {
            waits.push((consumer.held_by(spare), consumer.waiting()));
        }
        if is_spent {
            waits[1].0 = Limit::ProviderCalls;
        }
        if self.mails.whole() == 0 {
            waits[3].0 = Limit::Mails;
        }
        for (because, number) in &self.unannounced {
            let held_by = if self.completer.is_behind { Limit::Completer } else { *because };
            waits.push((held_by, *number));
        }
        for (limit, number) in waits.into_iter().filter(|(_, number)| *number > 0) {
            *self.outcome.waits.entry(limit).or_default() += u128::from(number * STEP_MS);
        }
    }

    fn sample(&mut self) {
        self.outcome.samples.push(Sample {
            at_ms: self.now_ms,
            accepted: self.outcome.accepted,
            tally: self.donations.tally(),
            payments: self.payments.waiting(),
            ledger: self.ledger.waiting(),
            receipts: self.receipts.waiting() + self.receipts.hidden(),
            notifications: self.notifications.waiting(),
        });
    }

    /// Whether everybody has been answered and nothing is owed.
    fn is_settled(&self) -> bool {
        let tally = self.donations.tally();
        !self.has_arrivals && tally.knocking == 0 && tally.backlog() == 0
    }

    fn are_queues_empty(&self) -> bool {
        let queues = [&self.payments, &self.ledger, &self.receipts, &self.notifications];
        queues.iter().all(|queue| queue.waiting() + queue.hidden() == 0)
    }
}
