//! The queue model, called directly.

use contracts::topology::Topology;
use queue_model::policy::FilterPolicy;
use queue_model::{
    Attribute, Attributes, Model, MoveStatus, Outgoing, PerEntry, Publication, QueueSettings, Received,
    Redrive, Refusal, Sent, Subscription, Value as Content,
};
use serde_json::{Map, Value, json};

use super::steps::{BODIES, Draft};
use super::{Names, ReceivedBy, refused};

/// The one topic.
pub(super) const TOPIC: &str = "events";
/// Seconds that a dead-letter queue keeps a message: the most that SQS allows.
const LONGEST: u32 = 1_209_600;
/// Who sends, as the endpoints call the function of the fixtures.
const SENDER: &str = "AROAOUTPOURLOCAL:conformance";

/// The model, and how it met what it was asked.
pub(super) struct Direct {
    empty: Model,
    model: Model,
    names: Names,
    reached: Vec<String>,
}

/// The model of a topology, with nothing in it.
fn build(topology: &Topology) -> Result<Model, Refusal> {
    let mut model = Model::new(1);
    model.create_topic(TOPIC, &aws_local::topic_arn(TOPIC))?;
    for (name, queue) in &topology.queues {
        let dead_letters = aws_local::dead_letters_of(name);
        let settings = |name: &str, retention_seconds, redrive| QueueSettings {
            arn: aws_local::queue_arn(name),
            visibility_timeout_seconds: queue.visibility_timeout_seconds,
            retention_seconds,
            delay_seconds: 0,
            redrive,
        };
        let redrive =
            Redrive { dead_letters: dead_letters.clone(), receive_count_max: queue.receive_count_max };
        model.create_queue(&dead_letters, settings(&dead_letters, LONGEST, None))?;
        model.create_queue(name, settings(name, queue.retention_seconds, Some(redrive)))?;
        if let Some(subscription) = &queue.subscription {
            let subscription = Subscription {
                queue: name.clone(),
                filter: Some(FilterPolicy::parse(&json!(subscription.filter).to_string())?),
                raw_delivery: subscription.raw_delivery,
                dead_letters: Some(dead_letters),
            };
            model.subscribe(TOPIC, subscription)?;
        }
    }
    Ok(model)
}

/// One of the sets of attributes that drafts have. From the seventh on SQS refuses them.
pub(super) fn attributes(set: usize) -> Attributes {
    let texts = |pairs: &[(&str, &str)]| -> Attributes {
        pairs.iter().map(|(name, text)| ((*name).to_owned(), Attribute::text(*text))).collect()
    };
    let with = |name: &str, data_type: &str, value: Content| {
        let mut all = texts(&[("type", "b"), ("kind", "x")]);
        all.insert(name.to_owned(), Attribute { data_type: data_type.to_owned(), value });
        all
    };
    let number = |text: &str| Content::Text(text.to_owned());
    match set {
        0 => Attributes::new(),
        1 => texts(&[("type", "a")]),
        2 => texts(&[("type", "b"), ("kind", "y & <z>")]),
        3 => with("amount", "Number", number("42.50")),
        4 => with("mark", "Binary.digest", Content::Binary(vec![0, 255, 10])),
        5 => texts(&[("type", "nobody's")]),
        6 => (0..10).fold(texts(&[("type", "b")]), |mut all, number| {
            all.insert(format!("name_{number}"), Attribute::text("x"));
            all
        }),
        7 => with("AWS.mine", "String", Content::Text("x".to_owned())),
        _ => with("amount", "Number", number("much")),
    }
}

fn outgoing(draft: &Draft) -> Outgoing {
    Outgoing {
        body: BODIES[draft.body].to_owned(),
        attributes: attributes(draft.attributes),
        delay_seconds: draft.delay,
        sender: SENDER.to_owned(),
        ..Outgoing::default()
    }
}

fn publication(draft: &Draft) -> Publication {
    let (message, attributes) = (BODIES[draft.body].to_owned(), attributes(draft.attributes));
    Publication { message, attributes, ..Publication::default() }
}

/// The id of an entry of a batch.
pub(super) fn entry_id(place: usize, one_id: bool) -> String {
    if one_id { "same".to_owned() } else { format!("entry-{place}") }
}

fn entries<T>(drafts: &[Draft], one_id: bool, write: impl Fn(&Draft) -> T) -> Vec<(String, T)> {
    drafts.iter().enumerate().map(|(place, draft)| (entry_id(place, one_id), write(draft))).collect()
}

impl Direct {
    pub(super) fn new(topology: &Topology) -> Self {
        let empty = build(topology).unwrap();
        Self { model: empty.clone(), empty, names: Names::default(), reached: Vec::new() }
    }

    /// What happened since the last time.
    pub(super) fn take_reached(&mut self) -> Vec<String> {
        let changes = self.model.take_changes();
        let mut reached = std::mem::take(&mut self.reached);
        reached.extend(changes.iter().map(|change| format!("{:?}", change.what)));
        reached
    }

    fn reach(&mut self, what: &str, happened: bool) {
        self.reached.extend(happened.then(|| what.to_owned()));
    }

    fn no(&mut self, why: &Refusal) -> Value {
        let shown = format!("{why:?}");
        let name = shown.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        self.reached.push(format!("no: {name}"));
        refused(&why.to_string())
    }

    fn answer<T>(&mut self, answer: Result<T, Refusal>, told: impl FnOnce(&mut Self, T) -> Value) -> Value {
        match answer {
            Ok(answer) => told(self, answer),
            Err(why) => self.no(&why),
        }
    }

    /// Each entry's answer under its id.
    fn each<T>(
        &mut self,
        answer: Result<PerEntry<T>, Refusal>,
        told: impl Fn(&mut Self, T) -> Value,
    ) -> Value {
        self.answer(answer, |direct, entries| {
            let taken = entries.iter().filter(|(_, answer)| answer.is_ok()).count();
            direct.reach("batch: in part", taken > 0 && taken < entries.len());
            let each = entries.into_iter().map(|(id, answer)| (id, direct.answer(answer, &told)));
            Value::Object(each.collect::<Map<_, _>>())
        })
    }

    fn sent(&mut self, sent: &Sent) -> Value {
        json!({ "id": self.names.of(&sent.id), "body": sent.body_md5, "attributes": sent.attributes_md5 })
    }

    pub(super) fn send(&mut self, queue: &str, draft: &Draft, now_ms: u64) -> Value {
        let sent = self.model.send(queue, outgoing(draft), now_ms);
        self.answer(sent, |direct, sent| direct.sent(&sent))
    }

    pub(super) fn send_batch(&mut self, queue: &str, drafts: &[Draft], one_id: bool, now_ms: u64) -> Value {
        let sent = self.model.send_batch(queue, entries(drafts, one_id, outgoing), now_ms);
        self.each(sent, |direct, sent| direct.sent(&sent))
    }

    fn published(&mut self, published: &queue_model::Published) -> Value {
        let subscribed = self.model.subscriptions(TOPIC).map_or(0, <[_]>::len);
        let failed = published.dead_lettered.len() + published.discarded.len();
        self.reach("published: to a queue", !published.delivered.is_empty());
        self.reach("published: past a filter", published.delivered.len() + failed < subscribed);
        self.reach("published: undeliverable", !published.dead_lettered.is_empty());
        json!(self.names.of(&published.id))
    }

    pub(super) fn publish(&mut self, draft: &Draft, now_ms: u64) -> Value {
        let published = self.model.publish(TOPIC, &publication(draft), now_ms);
        self.answer(published, |direct, published| direct.published(&published))
    }

    pub(super) fn publish_batch(&mut self, drafts: &[Draft], now_ms: u64) -> Value {
        let published = self.model.publish_batch(TOPIC, &entries(drafts, false, publication), now_ms);
        self.each(published, |direct, published| direct.published(&published))
    }

    pub(super) fn receive(&mut self, queue: &str, max: u32, hidden: Option<u32>, now_ms: u64) -> ReceivedBy {
        let received = self.model.receive(queue, max, hidden, now_ms).map_err(|why| self.no(&why))?;
        self.reach("received: nothing", received.is_empty());
        Ok(received.into_iter().map(|message| (self.received(&message), message.receipt)).collect())
    }

    fn received(&mut self, received: &Received) -> Value {
        self.reach("received: again", received.receives > 1);
        self.reach("received: dead letter", received.source_arn.is_some());
        let message = &received.message;
        let attributes = message.attributes.iter().map(|(name, attribute)| {
            let value = match &attribute.value {
                Content::Text(text) => json!(text),
                Content::Binary(bytes) => json!(bytes),
            };
            (name.clone(), json!([attribute.data_type, value]))
        });
        let body = self.names.body(&message.body);
        json!({
            "id": self.names.of(&message.id), "md5": body.is_string().then_some(&message.body_md5),
            "body": body, "attributes": attributes.collect::<Map<_, _>>(),
            "attributes_md5": message.attributes_md5, "system": received.system_attributes(),
        })
    }

    pub(super) fn delete(&mut self, queue: &str, receipt: &str) -> Value {
        let before = self.model.entries(queue, 0).map_or(0, Iterator::count);
        let deleted = self.model.delete(queue, receipt);
        let after = self.model.entries(queue, 0).map_or(0, Iterator::count);
        self.reach("deleted: too late", deleted.is_ok() && before == after);
        self.answer(deleted, |_, ()| Value::Null)
    }

    pub(super) fn hide(&mut self, queue: &str, receipt: &str, seconds: u32, now_ms: u64) -> Value {
        let hidden = self.model.change_visibility(queue, receipt, seconds, now_ms);
        self.answer(hidden, |_, ()| Value::Null)
    }

    /// The rules of batches are the endpoint's here: the model takes receipts one by one.
    pub(super) fn delete_batch(&mut self, queue: &str, receipts: &[String]) -> Value {
        self.each_receipt(receipts, |model, receipt| model.delete(queue, receipt))
    }

    pub(super) fn hide_batch(
        &mut self,
        queue: &str,
        receipts: &[String],
        seconds: u32,
        now_ms: u64,
    ) -> Value {
        self.each_receipt(receipts, |model, receipt| model.change_visibility(queue, receipt, seconds, now_ms))
    }

    fn each_receipt(
        &mut self,
        receipts: &[String],
        call: impl Fn(&mut Model, &str) -> Result<(), Refusal>,
    ) -> Value {
        let answers = receipts.iter().enumerate();
        let answers: PerEntry<()> = answers
            .map(|(place, receipt)| (entry_id(place, false), call(&mut self.model, receipt)))
            .collect();
        self.each(Ok(answers), |_, ()| Value::Null)
    }

    pub(super) fn depth(&mut self, queue: &str, now_ms: u64) -> Value {
        let depth = self.model.depth(queue, now_ms);
        self.answer(depth, |direct, depth| {
            direct.reach("depth: delayed", depth.delayed > 0);
            direct.reach("depth: in flight", depth.in_flight > 0);
            json!([depth.visible, depth.in_flight, depth.delayed])
        })
    }

    pub(super) fn start_move(&mut self, from: &str, to: Option<&str>, now_ms: u64) -> Value {
        let task = self.model.start_move(from, to, now_ms);
        self.answer(task, |direct, task| {
            direct.reach("move: no source", task.status == MoveStatus::NoSource);
            json!(direct.names.of(&task.handle))
        })
    }

    pub(super) fn moves(&mut self, from: &str) -> Value {
        let moves = self.model.moves(from);
        self.answer(moves, |_, tasks| {
            let task = |task: &queue_model::MoveTask| {
                let (status, why) = match task.status {
                    MoveStatus::Completed => ("COMPLETED", None),
                    MoveStatus::NoSource => ("FAILED", Some("CouldNotDetermineMessageSource")),
                };
                let to = task.destination.as_deref().map(aws_local::queue_arn);
                json!([status, why, to, task.moved, task.to_move, task.started_at])
            };
            tasks.iter().map(task).collect()
        })
    }

    pub(super) fn purge(&mut self, queue: &str, now_ms: u64) -> Value {
        let purged = self.model.purge(queue, now_ms);
        self.answer(purged, |_, _| Value::Null)
    }

    /// Keeps what whoever hosts the model promises to keep: entries and the count of ids, and neither the list of
    /// moves nor when a queue was last purged.
    pub(super) fn restart(&mut self, now_ms: u64) {
        let mut fresh = self.empty.clone();
        let names: Vec<_> = self.model.queue_names().map(str::to_owned).collect();
        for queue in names {
            for entry in self.model.entries(&queue, now_ms).unwrap() {
                fresh.restore(&queue, entry.clone()).unwrap();
            }
        }
        fresh.advance_sequence(self.model.sequence());
        self.model = fresh;
        self.reach("restarted", true);
    }
}
