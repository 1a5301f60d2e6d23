//! What a topic and queues hold, received through SQS's own protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use adapters_aws::{Aws, SnsEvents, SqsDeadLetters, SqsNotificationQueue};
use app::ports::{Events, Fault, NotificationQueue};
use contracts::events::{DonationEvent, WebhookReceived};

use crate::running::World;
use crate::suites::dead_letters::{DeadLettersWorld, ParkedMessage};
use crate::suites::delivery::{DeliveryWorld, Message};
use crate::suites::events::EventsWorld;
use crate::suites::notification_queue::NotificationQueueWorld;

/// The queues that want some event.
const EVENT_QUEUES: [&str; 4] = ["payments", "refunds", "ledger", "receipts"];
/// The queue that messages are parked from.
const PARKED_FROM: &str = "payments-dead-letters";
/// The attribute that says why.
const REASON: &str = "parked_reason";
/// Looks at a queue until what must come is there.
const LOOKS_MAX: u32 = 200;

/// A topic and its queues.
pub(crate) struct Queues {
    pub(crate) aws: Aws,
    pub(crate) topic_arn: String,
    /// URL of each queue, by its name in the topology.
    pub(crate) urls: BTreeMap<String, String>,
}

/// A world whose topic and queues are these. It is every world that a topic and queues can be.
pub(crate) trait OverQueues: World {
    fn over_queues(&self) -> &Queues;
}

impl Queues {
    /// Receives and deletes everything that is visible in a queue now.
    async fn receive(&self, queue: &str) -> Vec<Message> {
        let url = &self.urls[queue];
        let mut messages = Vec::new();
        loop {
            let receive = self.aws.sqs().receive_message().queue_url(url).max_number_of_messages(10);
            let received = receive.message_attribute_names("All").send().await.unwrap();
            let received = received.messages.unwrap_or_default();
            if received.is_empty() {
                return messages;
            }
            for message in received {
                let receipt = message.receipt_handle.unwrap();
                let delete = self.aws.sqs().delete_message().queue_url(url).receipt_handle(receipt);
                delete.send().await.unwrap();
                let attributes =
                    message.message_attributes.unwrap_or_default().into_iter().map(|(name, value)| {
                        let text = value.string_value.unwrap();
                        (name, (value.data_type, text))
                    });
                messages.push(Message { body: message.body.unwrap(), attributes: attributes.collect() });
            }
        }
    }

    /// Receives from these queues until `count` different bodies have come, and whatever else has.
    async fn receive_different(&self, queues: &[&str], count: usize) -> Vec<Message> {
        let (mut messages, mut bodies) = (Vec::new(), BTreeSet::new());
        for _ in 0..LOOKS_MAX {
            for queue in queues {
                let received = self.receive(queue).await;
                messages.extend(received.into_iter().filter(|message| bodies.insert(message.body.clone())));
            }
            if messages.len() >= count {
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("{} of {count} messages came", messages.len());
    }
}

impl<W: OverQueues> EventsWorld for W {
    fn events(&self) -> impl Events {
        let queues = self.over_queues();
        SnsEvents::patient(&queues.aws, &queues.topic_arn)
    }

    async fn announced(&self, count: usize) -> Vec<DonationEvent> {
        let messages = self.over_queues().receive_different(&EVENT_QUEUES, count).await;
        messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

impl<W: OverQueues> NotificationQueueWorld for W {
    fn notification_queue(&self) -> impl NotificationQueue {
        let queues = self.over_queues();
        SqsNotificationQueue::new(&queues.aws, &queues.urls["notifications"])
    }

    async fn queued(&self, count: usize) -> Vec<WebhookReceived> {
        let messages = self.over_queues().receive_different(&["notifications"], count).await;
        messages.iter().map(|message| serde_json::from_str(&message.body).unwrap()).collect()
    }
}

impl<W: OverQueues> DeadLettersWorld for W {
    async fn park(
        &self,
        body: &str,
        attributes: &BTreeMap<String, String>,
        reason: &str,
    ) -> Result<(), Fault> {
        let queues = self.over_queues();
        SqsDeadLetters::new(&queues.aws, &queues.urls[PARKED_FROM]).park(body, attributes, reason).await
    }

    async fn parked(&self, count: usize) -> Vec<ParkedMessage> {
        let messages = self.over_queues().receive_different(&[PARKED_FROM], count).await;
        let parked = |mut message: Message| {
            let (_, reason) = message.attributes.remove(REASON).unwrap();
            let attributes = message.attributes.into_iter().map(|(name, (_, text))| (name, text)).collect();
            ParkedMessage { body: message.body, attributes, reason }
        };
        messages.into_iter().map(parked).collect()
    }
}

impl<W: OverQueues> DeliveryWorld for W {
    fn queues(&self) -> Vec<String> {
        self.over_queues().urls.keys().cloned().collect()
    }

    async fn receive(&self, queue: &str) -> Vec<Message> {
        self.over_queues().receive(queue).await
    }
}
