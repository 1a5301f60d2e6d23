//! The queue model beside the endpoints over it.

mod endpoints;
mod model;
mod steps;

use std::collections::BTreeMap;

use contracts::topology::{Queue, Subscription, Topology};
use proptest::strategy::{BoxedStrategy, Strategy};
use serde_json::{Value, json};

use super::{Answers, Pair, Unanswered, hold};
use crate::fixtures::NOON;
use endpoints::Endpoints;
use model::Direct;
use steps::{DAYS_LATER, QUEUES, Step};

/// Both, what has been received from them, and the one time that they share.
struct Queues {
    direct: Direct,
    endpoints: Endpoints,
    held: Vec<Held>,
    now_ms: u64,
}

/// A message that was received: where, and what each of the two lets delete it by.
struct Held {
    queue: usize,
    twin: String,
    real: String,
}

/// Ids as they were met: the third is the third on both, whatever its text.
#[derive(Default)]
struct Names(BTreeMap<String, usize>);

impl Names {
    fn of(&mut self, id: &str) -> usize {
        let next = self.0.len();
        *self.0.entry(id.to_owned()).or_insert(next)
    }

    /// The body, with the id in it where it is SNS's envelope.
    fn body(&mut self, body: &str) -> Value {
        let envelope: Option<BTreeMap<String, Value>> = serde_json::from_str(body).ok();
        let Some(mut envelope) = envelope.filter(|it| it.contains_key("TopicArn")) else {
            return json!(body);
        };
        if let Some(Value::String(id)) = envelope.get("MessageId") {
            let name = self.of(id);
            envelope.insert("MessageId".to_owned(), json!(name));
        }
        json!(envelope)
    }
}

/// What one of them says to a receive: the messages, and what each can be deleted by.
type ReceivedBy = Result<Vec<(Value, String)>, Value>;

/// What is refused, in the words of it.
fn refused(why: &str) -> Value {
    json!({ "refused": why })
}

/// Name of a queue or, from the fifth on, of a dead-letter queue.
fn name(queue: usize) -> String {
    let (place, is_dead) = (queue % QUEUES.len(), queue / QUEUES.len() % 2 == 1);
    if is_dead { aws_local::dead_letters_of(QUEUES[place]) } else { QUEUES[place].to_owned() }
}

/// Four queues on one topic and one that stands alone. Seeds differ in how soon a message comes again, counts as
/// failed and is forgotten.
fn topology(seed: u64) -> Topology {
    let shipped = Topology::shipped();
    let any = shipped.queues["payments"].clone();
    let place = |seed: u64| usize::try_from(seed % 3).unwrap();
    let queue = |filter: &[(&str, &[&str])], raw_delivery| Queue {
        visibility_timeout_seconds: [5, 30, 180][place(seed)],
        receive_count_max: [1, 2, 3][place(seed / 3)],
        retention_seconds: [1_209_600, 60, 600][place(seed / 9)],
        subscription: Some(Subscription {
            topic: "events".to_owned(),
            filter: filter
                .iter()
                .map(|(name, values)| {
                    ((*name).to_owned(), values.iter().map(|&value| value.to_owned()).collect())
                })
                .collect(),
            raw_delivery,
        }),
        ..any.clone()
    };
    let all = queue(&[("type", &["a", "b"])], true);
    let alone = Queue { subscription: None, ..all.clone() };
    let wanted = [
        all,
        queue(&[("type", &["a"])], false),
        queue(&[("type", &["b"]), ("kind", &["x"])], true),
        queue(&[("type", &["c"])], true),
        alone,
    ];
    let queues = QUEUES.iter().map(|&name| name.to_owned()).zip(wanted).collect();
    let (tables, buckets, secrets) = Default::default();
    Topology { tables, buckets, secrets, queues, ..shipped }
}

impl Queues {
    async fn receive(
        &mut self,
        queue: usize,
        max: u32,
        hidden: Option<u32>,
    ) -> Result<(Value, Value), Unanswered> {
        let twin = self.direct.receive(&name(queue), max, hidden, self.now_ms);
        let real = self.endpoints.receive(&name(queue), max, hidden).await?;
        let told = |received: &ReceivedBy| match received {
            Ok(messages) => json!(messages.iter().map(|(message, _)| message).collect::<Vec<_>>()),
            Err(why) => why.clone(),
        };
        let answers = (told(&twin), told(&real));
        if let (Ok(twin), Ok(real)) = (twin, real) {
            let pairs = twin.into_iter().zip(real);
            self.held.extend(pairs.map(|((_, twin), (_, real))| Held { queue, twin, real }));
        }
        Ok(answers)
    }

    /// What is done to messages that were received: nothing, where none was.
    async fn by_receipt(&mut self, step: &Step) -> Result<(Value, Value), Unanswered> {
        let (Step::Delete { which, .. } | Step::Hide { which, .. }) = step else {
            return self.by_receipts(step).await;
        };
        let Some(Held { queue, twin, real }) = self.held.get(which % self.held.len().max(1)) else {
            return Ok((Value::Null, Value::Null));
        };
        let (direct, endpoints, now_ms) = (&mut self.direct, &self.endpoints, self.now_ms);
        if let Step::Hide { seconds, .. } = *step {
            let queue = name(*queue);
            return Ok((
                direct.hide(&queue, twin, seconds, now_ms),
                endpoints.hide(&queue, real, seconds).await?,
            ));
        }
        let elsewhere = matches!(step, Step::Delete { elsewhere: true, .. });
        let queue = name(queue + usize::from(elsewhere));
        Ok((direct.delete(&queue, twin), endpoints.delete(&queue, real).await?))
    }

    /// The same in a batch, which goes to the queue of the first.
    async fn by_receipts(&mut self, step: &Step) -> Result<(Value, Value), Unanswered> {
        let (Step::DeleteBatch { which } | Step::HideBatch { which, .. }) = step else {
            return Ok((Value::Null, Value::Null));
        };
        let held = which.iter().filter_map(|which| self.held.get(which % self.held.len().max(1)));
        let held: Vec<_> = held.collect();
        let Some(first) = held.first() else { return Ok((Value::Null, Value::Null)) };
        let queue = name(first.queue);
        let (twins, reals): (Vec<_>, Vec<_>) =
            held.iter().map(|held| (held.twin.clone(), held.real.clone())).unzip();
        let (direct, endpoints, now_ms) = (&mut self.direct, &self.endpoints, self.now_ms);
        Ok(match *step {
            Step::HideBatch { seconds, .. } => (
                direct.hide_batch(&queue, &twins, seconds, now_ms),
                endpoints.hide_batch(&queue, &reals, seconds).await?,
            ),
            _ => (direct.delete_batch(&queue, &twins), endpoints.delete_batch(&queue, &reals).await?),
        })
    }

    async fn both(&mut self, step: &Step) -> Result<(Value, Value), Unanswered> {
        let now_ms = self.now_ms;
        let (direct, endpoints) = (&mut self.direct, &mut self.endpoints);
        Ok(match step {
            Step::Send { queue, message } => {
                (direct.send(&name(*queue), message, now_ms), endpoints.send(&name(*queue), message).await?)
            }
            Step::SendBatch { queue, messages, one_id } => (
                direct.send_batch(&name(*queue), messages, *one_id, now_ms),
                endpoints.send_batch(&name(*queue), messages, *one_id).await?,
            ),
            Step::Publish { message } => (direct.publish(message, now_ms), endpoints.publish(message).await?),
            Step::PublishBatch { messages } => {
                (direct.publish_batch(messages, now_ms), endpoints.publish_batch(messages).await?)
            }
            Step::Receive { queue, max, hidden } => self.receive(*queue, *max, *hidden).await?,
            Step::Delete { .. } | Step::Hide { .. } | Step::DeleteBatch { .. } | Step::HideBatch { .. } => {
                self.by_receipt(step).await?
            }
            Step::Depth { queue } => {
                (direct.depth(&name(*queue), now_ms), endpoints.depth(&name(*queue)).await?)
            }
            Step::Move { from, to } => {
                let to = to.map(name);
                let twin = direct.start_move(&name(*from), to.as_deref(), now_ms);
                (twin, endpoints.start_move(&name(*from), to.as_deref()).await?)
            }
            Step::Moves { from } => (direct.moves(&name(*from)), endpoints.moves(&name(*from)).await?),
            Step::Purge { queue } => {
                (direct.purge(&name(*queue), now_ms), endpoints.purge(&name(*queue)).await?)
            }
            Step::Wait { millis } => {
                self.now_ms += millis;
                endpoints.set_clock(self.now_ms);
                (Value::Null, Value::Null)
            }
            Step::Restart => {
                direct.restart(now_ms);
                endpoints.restart().await;
                (Value::Null, Value::Null)
            }
        })
    }
}

impl Pair for Queues {
    type Step = Step;

    const NAME: &'static str = "queues";
    const SEEDS: u64 = 54;
    const EXPECTED: &'static [&'static str] = &steps::EXPECTED;

    fn step(_seed: u64) -> BoxedStrategy<Step> {
        steps::steps().boxed()
    }

    async fn start(seed: u64) -> Self {
        let (topology, now_ms) = (topology(seed), NOON.as_millis());
        let direct = Direct::new(&topology);
        let endpoints = Endpoints::start(topology, now_ms).await;
        Self { direct, endpoints, held: Vec::new(), now_ms }
    }

    async fn take(&mut self, step: &Step) -> Result<Answers, Unanswered> {
        let (twin, real) = self.both(step).await?;
        Ok(Answers { reached: self.direct.take_reached(), twin, real })
    }

    /// How full each queue is, what can be received from it, and the same when nothing is hidden any more.
    async fn look(&mut self) -> Result<Vec<Answers>, Unanswered> {
        let mut seen = Vec::new();
        for queue in 0..QUEUES.len() * 2 {
            seen.push(self.take(&Step::Depth { queue }).await?);
        }
        for _ in 0..2 {
            // What fails in its queue is in the dead-letter queue after it.
            for queue in 0..QUEUES.len() * 2 {
                let mut is_empty = false;
                while !is_empty {
                    let answers = self.take(&Step::Receive { queue, max: 10, hidden: None }).await?;
                    is_empty = answers.twin == json!([]) || answers.twin != answers.real;
                    seen.push(answers);
                }
            }
            seen.push(self.take(&Step::Wait { millis: DAYS_LATER }).await?);
        }
        Ok(seen)
    }

    async fn stop(self) {
        self.endpoints.stop().await;
    }
}

#[test]
fn endpoints_answer_as_the_queue_model_does() {
    hold::<Queues>();
}
