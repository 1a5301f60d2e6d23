//! Events, queued notifications, parked messages and mails: what is handed over, looked at when all is done.

use std::collections::{BTreeMap, BTreeSet};

use adapters_memory::Memory;
use app::ports::{Events, Mail, MailFault, Mailer, NotificationQueue};
use contracts::events::{DonationEvent, WebhookReceived};
use domain::ids::Provider;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::Answers;
use super::{Answer, fault, or_fault};
use crate::adapters::{InMemory, OnAws};
use crate::fixtures::donations::id;
use crate::fixtures::{mail, notification_id};
use crate::suites::dead_letters::{DeadLettersWorld, ParkedMessage};
use crate::suites::delivery::DeliveryWorld;
use crate::suites::events::{EventsWorld, KINDS};
use crate::suites::mailer::MailerWorld;
use crate::suites::notification_queue::NotificationQueueWorld;

/// The queue that messages are parked from, and the attribute that says why.
const PARKED: (&str, &str) = ("payments-dead-letters", "parked_reason");
/// The queues that events come to.
const EVENT_QUEUES: [&str; 4] = ["payments", "refunds", "ledger", "receipts"];

#[derive(Debug, Clone)]
pub(super) enum Step {
    Publish { kind: usize, donation: u32 },
    Enqueue { number: u32 },
    Park { body: usize, attributes: usize, reason: usize },
    Send { donation: u32, subject: usize },
}

pub(super) fn steps() -> impl Strategy<Value = Step> {
    let few = || 0..3_u32;
    prop_oneof![
        (0..KINDS.len(), few()).prop_map(|(kind, donation)| Step::Publish { kind, donation }),
        few().prop_map(|number| Step::Enqueue { number }),
        (0..BODIES.len(), 0..10_usize, 0..REASONS.len()).prop_map(|(body, attributes, reason)| Step::Park {
            body,
            attributes,
            reason
        }),
        (few(), 0..SUBJECTS.len()).prop_map(|(donation, subject)| Step::Send { donation, subject }),
    ]
}

const BODIES: [&str; 3] = ["{\"type\": \"unheard-of.v1\"}", "not json", "<xml>&amp;</xml>\r\n\t“é” 🎁"];
const REASONS: [&str; 3] = ["it is not an event", "no such donation: <none> & “none”", "x"];
const SUBJECTS: [&str; 3] = ["Thank you", "Thank you, Zoë: £25.00", "Thank you =?UTF-8?Q?no?= 🎁"];

impl Step {
    pub(super) async fn take<W>(&self, world: &W, _known: &Memory) -> Answer
    where
        W: EventsWorld + NotificationQueueWorld + DeadLettersWorld + MailerWorld,
    {
        let done = |kind| move |()| Answer::new(kind, Value::Null);
        match *self {
            Self::Publish { kind, donation } => {
                let published = world.events().publish(KINDS[kind].0, &id(donation)).await;
                or_fault(published, done("published"))
            }
            Self::Enqueue { number } => {
                let queue = world.notification_queue();
                let queued = queue.enqueue(Provider::STRIPE, &notification_id(number)).await;
                or_fault(queued, done("queued"))
            }
            Self::Park { body, attributes, reason } => {
                let named = (0..attributes).map(|number| (format!("name_{number}"), "é".repeat(number + 1)));
                let parked = world.park(BODIES[body], &named.collect(), REASONS[reason]).await;
                or_fault(parked, done("parked"))
            }
            Self::Send { donation, subject } => {
                let mail = Mail { subject: SUBJECTS[subject].to_owned(), ..mail(&id(donation)) };
                match world.mailer().send(&mail).await {
                    Ok(_) => Answer::new("mail taken", Value::Null),
                    Err(MailFault::NotSent(why) | MailFault::Unknown(why)) => fault(&why),
                }
            }
        }
    }
}

/// All that was handed over, whatever its sequence and its ids.
#[derive(Default)]
struct HandedOver {
    events: Vec<DonationEvent>,
    queued: Vec<WebhookReceived>,
    parked: Vec<ParkedMessage>,
}

impl HandedOver {
    async fn told(self, world: &impl MailerWorld) -> Value {
        let events = self.events.iter().map(|event| json!([event.kind.name(), event.donation_id]));
        let queued = self.queued.iter().map(|queued| json!([queued.provider, queued.notification_id]));
        let parked = self.parked.into_iter().map(|it| json!([it.body, it.attributes, it.reason]));
        let mails = world.taken().await.into_iter();
        let mails = mails.map(|it| json!([it.to, it.subject, it.text, it.html, it.donation]));
        json!({
            "events": sorted(events), "queued": sorted(queued),
            "parked": sorted(parked), "mails": sorted(mails),
        })
    }
}

fn sorted(values: impl Iterator<Item = Value>) -> Vec<Value> {
    let mut values: Vec<_> = values.collect();
    values.sort_by_key(Value::to_string);
    values
}

/// What both have handed over.
pub(super) async fn both(memory: &InMemory, aws: &OnAws) -> Answers {
    let twin = HandedOver {
        events: memory.0.take_events(),
        queued: memory.0.take_queued_notifications(),
        parked: memory.parked(memory.0.parked().len()).await,
    };
    let mut real = HandedOver::default();
    let mut bodies = BTreeSet::new();
    for queue in EVENT_QUEUES {
        // An event comes to each queue that wants it.
        let came = aws.receive(queue).await.into_iter().filter(|message| bodies.insert(message.body.clone()));
        real.events.extend(came.map(|message| serde_json::from_str::<DonationEvent>(&message.body).unwrap()));
    }
    let queued = aws.receive("notifications").await;
    real.queued = queued.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect();
    let parked = aws.receive(PARKED.0).await.into_iter().map(|message| {
        let texts = message.attributes.into_iter().map(|(name, (_, text))| (name, text));
        let mut attributes: BTreeMap<_, _> = texts.collect();
        let reason = attributes.remove(PARKED.1).unwrap_or_default();
        ParkedMessage { body: message.body, attributes, reason }
    });
    real.parked = parked.collect();
    Answers { reached: vec![], twin: twin.told(memory).await, real: real.told(aws).await }
}
