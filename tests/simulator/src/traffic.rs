//! What moves between the functions: events, messages, webhooks, scheduled runs.

use std::collections::BTreeMap;

use domain::time::{Span, Timestamp};
use queue_model::{Attribute, Attributes};

use crate::environment::{LOOK_BACK, PROVIDERS};
use crate::executor::Purpose;
use crate::faults::Class;
use crate::functions::Function;
use crate::invoke::{Answer, FROM, Payload, batch, request};
use crate::provider::{Body, SIGNATURE};
use crate::queues::{Queues, dead_letters};
use crate::sim::{Act, Delivery, Sim};

/// Longest that the topic keeps an event back.
const EVENT_LATE: Span = Span::minutes(40);
/// Longest that a provider keeps a webhook back.
const WEBHOOK_LATE: Span = Span::hours(30);
/// How often a provider sends a webhook that is not answered with 200.
const WEBHOOK_TRIES: u32 = 8;
/// How long a message that is visible early was hidden, at most, in seconds.
const VISIBLE_EARLY: u64 = 25;

impl Sim {
    /// Takes up what the last step left behind, and looks whether all is still well.
    pub(crate) fn collect(&mut self) {
        for event in self.memory.take_events() {
            let body = serde_json::to_string(&event).expect("events are JSON");
            self.announce(event.kind.name(), &body, &event.donation_id);
        }
        for message in self.memory.take_queued_notifications() {
            let body = serde_json::to_string(&message).expect("messages are JSON");
            self.arrive("notifications", &body);
        }
        self.take_parked();
        let news = self.model().take_news();
        for (provider, number, told) in news {
            let provider = PROVIDERS.iter().find(|known| **known == provider);
            let name = provider
                .map_or("stripe", |known| if *known == PROVIDERS[0] { "stripe" } else { "gocardless" });
            let body = Body { event: format!("evt_{number}"), told };
            let body = serde_json::to_string(&body).expect("bodies are JSON");
            self.notify(name, &body);
        }
        self.check_step();
    }

    /// The topic has an event: it arrives once, twice, late or never.
    fn announce(&mut self, kind: &'static str, body: &str, donation: &str) {
        let what = || format!("{kind} of {donation}");
        if self.faults().strikes(Class::EventLost, what) {
            return;
        }
        let copies = if self.faults().strikes(Class::EventTwice, what) { 2 } else { 1 };
        for _ in 0..copies {
            let body = self.next_version(body);
            let late = self.delay(Class::EventLate, EVENT_LATE, what);
            self.later(late, Act::Announce { kind, body, donation: donation.to_owned() });
        }
    }

    fn arrive(&mut self, queue: &'static str, body: &str) {
        let what = || format!("message to {queue}");
        let copies = if self.faults().strikes(Class::EventTwice, what) { 2 } else { 1 };
        for _ in 0..copies {
            let late = self.delay(Class::EventLate, EVENT_LATE, what);
            self.later(late, Act::Arrive { queue, body: self.next_version(body) });
        }
    }

    /// A message as the next version of the code writes it: with a field that this one does not know.
    fn next_version(&self, body: &str) -> String {
        let is_next = self.faults().strikes(Class::NextVersion, || "message".to_owned());
        if is_next {
            body.replacen('{', "{\"from_the_next_version\":{\"x\":[1]},", 1)
        } else {
            body.to_owned()
        }
    }

    fn delay(&mut self, class: Class, most: Span, what: impl FnOnce() -> String) -> Span {
        if self.faults().strikes(class, what) {
            return self.faults().span(most);
        }
        Span::millis(self.schedule.below(300))
    }

    /// Puts parked messages into their dead-letter queues.
    fn take_parked(&mut self) {
        let parked = self.memory.parked_since(self.parked);
        self.parked += parked.len();
        for one in parked {
            let queue = one.attributes.get(FROM).cloned().unwrap_or_default();
            let mut attributes: Attributes = BTreeMap::new();
            for (name, value) in one.attributes.iter().filter(|(name, _)| *name != FROM) {
                attributes.insert(name.clone(), Attribute::text(value));
            }
            self.reach(format!("a message of {queue} was parked"));
            attributes.insert("parked-because".to_owned(), Attribute::text(&one.reason));
            let now = self.now();
            self.queues.send(&dead_letters(&queue), &one.body, attributes, now);
        }
    }

    /// A queue's poller looks for messages, and hands over what it finds.
    pub(crate) fn poll_queue(&mut self, queue: &'static str) {
        self.polls.remove(queue);
        let Some(function) = Function::of_queue(queue) else { return };
        let now = self.now();
        let most = self.schedule.between(1, u64::from(self.knobs.batch.min(function.batch_size())));
        let most = u32::try_from(most).unwrap_or(1);
        let at_work = self.tasks_of(function);
        if at_work >= self.knobs.environments {
            return;
        }
        let early = if self.faults().strikes(Class::VisibleEarly, || format!("messages of {queue}")) {
            let seconds = self.faults().below(VISIBLE_EARLY);
            u32::try_from(seconds).ok()
        } else {
            None
        };
        let received = self.queues.receive(queue, most, early, now);
        if received.is_empty() {
            if let Some(at) = self.queues.next_visible_at(queue, now) {
                self.poll_at(queue, at);
            }
            return;
        }
        let receipts =
            received.iter().map(|one| (one.message.id.clone(), one.receipt.clone())).collect::<Vec<_>>();
        if received.iter().any(|one| one.receives > 1) {
            self.reach("a message was received again");
        }
        let purpose = Purpose::Batch { queue, received: receipts };
        self.start(function, batch(&received), purpose);
        let soon = Span::millis(self.schedule.below(500));
        self.poll_at(queue, now.plus(soon));
    }

    /// Deletes what was handled; the rest comes back when it is visible again.
    pub(crate) fn batch_ended(
        &mut self,
        queue: &'static str,
        received: &[(String, String)],
        answer: &Answer,
    ) {
        if let Answer::Batch(failed) = answer {
            if !failed.is_empty() && failed.len() < received.len() {
                self.reach("a part of a batch came back");
            }
            for (_, receipt) in received.iter().filter(|(id, _)| !failed.contains(id)) {
                let is_lost = self.faults().strikes(Class::DeleteLost, || format!("message of {queue}"));
                if !is_lost {
                    self.queues.delete(queue, receipt);
                }
            }
        }
        self.poll_at(queue, self.now());
    }

    /// A provider has something to tell: once, twice, late, never.
    fn notify(&mut self, provider: &'static str, body: &str) {
        let is_off = !self.knobs.nets || self.is_calm && !self.knobs.webhooks_recover;
        let what = || format!("webhook of {provider}");
        if is_off || self.faults().strikes(Class::WebhookLost, what) {
            return;
        }
        let copies = if self.faults().strikes(Class::WebhookTwice, what) { 2 } else { 1 };
        for _ in 0..copies {
            let late = self.delay(Class::WebhookLate, WEBHOOK_LATE, what);
            let delivery = Delivery { provider, body: body.to_owned(), is_forged: false, tries: 0 };
            self.later(late, Act::Webhook(delivery));
        }
    }

    pub(crate) fn send_webhook(&mut self, delivery: Delivery) {
        let signature = if delivery.is_forged { "forged" } else { SIGNATURE };
        let mut payload =
            request(&[("provider", delivery.provider)], &[("provider-signature", signature)], &().into());
        if let Payload::Http(request) = &mut payload {
            request.body = Some(delivery.body.clone());
        }
        if !self.start(Function::ReceiveWebhook, payload, Purpose::Webhook(delivery.clone())) {
            self.later(Span::seconds(1), Act::Webhook(delivery));
        }
    }

    pub(crate) fn webhook_answered(&mut self, delivery: Delivery, answer: &Answer) {
        match answer {
            Answer::Http(200, _) if delivery.is_forged => self.violate("a forged webhook was taken in"),
            Answer::Http(200, _) => self.reach("a webhook was taken in"),
            Answer::Http(400, _) if delivery.is_forged => self.reach("a forged webhook was refused"),
            Answer::Http(400, _) => self.violate("a signed webhook was refused"),
            _ if self.is_calm && !self.knobs.webhooks_recover => {}
            _ if delivery.tries < WEBHOOK_TRIES || !self.knobs.reconciles => {
                let wait = Span::seconds(5 << delivery.tries.min(8));
                let again = Delivery { tries: delivery.tries + 1, ..delivery };
                self.reach("a webhook was sent again");
                self.later(wait, Act::Webhook(again));
            }
            _ => {}
        }
    }

    fn tasks_of(&self, function: Function) -> usize {
        self.tasks.iter().filter(|task| task.function() == function).count()
    }

    /// When the completer runs next. A run that would find nothing due is not made.
    pub(crate) fn next_completer(&self) -> Option<Timestamp> {
        let owed_at = self.memory.next_owed_at()?;
        Some(owed_at.max(self.runs[&Function::ResumeDonations].plus(Span::seconds(60))))
    }

    /// When the reconciliation runs next. A run that would find nothing to read is not made.
    pub(crate) fn next_reconciler(&self) -> Option<Timestamp> {
        let next = self.runs[&Function::ReconcilePayments].plus(self.reconcile_every());
        let is_of_use = self.knobs.reconciles && self.model().has_moved_since(next.minus(LOOK_BACK));
        is_of_use.then_some(next)
    }

    const fn reconcile_every(&self) -> Span {
        if self.knobs.is_shrunk { Span::minutes(30) } else { Span::hours(8) }
    }

    /// A scheduled function that is due.
    pub(crate) fn run_due(&self, now: Timestamp) -> Option<Function> {
        let is_due = |next: Option<Timestamp>, function| {
            next.is_some_and(|at| at <= now) && self.tasks_of(function) == 0
        };
        if is_due(self.next_completer(), Function::ResumeDonations) {
            Some(Function::ResumeDonations)
        } else if is_due(self.next_reconciler(), Function::ReconcilePayments) {
            Some(Function::ReconcilePayments)
        } else {
            None
        }
    }

    pub(crate) fn run(&mut self, function: Function) {
        self.runs.insert(function, self.now());
        let is_skipped = self.faults().strikes(Class::RunSkipped, || function.name().to_owned());
        if !is_skipped {
            self.start(function, Payload::Schedule, Purpose::Run);
        }
    }

    /// Sends what lies in the dead-letter queues back, and says how much that was.
    pub(crate) fn redrive(&mut self) -> usize {
        let now = self.now();
        let mut moved = 0;
        for queue in Queues::names() {
            let count = self.queues.redrive(queue, now);
            if count > 0 {
                self.reach(format!("a dead letter of {queue} was sent back"));
                self.poll_at(queue, now);
            }
            moved += count;
        }
        moved
    }
}
