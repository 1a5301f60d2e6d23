//! Events as Lambda hands them over, and answers as it reads them.

use adapters_memory::Memory;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::DonationEventType;
use domain::ids::DonationId;
use domain::time::Span;
use kit::batch::{DeadLetters, ParkedMessage};
use lambda_runtime::{Context, Error, LambdaEvent};
use serde_json::{Value, json};

use crate::{START, Stage};

/// The world's dead-letter queue.
#[derive(Debug, Clone)]
pub struct Parking(pub Memory);

impl DeadLetters for Parking {
    async fn park(&self, message: ParkedMessage) -> Result<(), Error> {
        let parked = self.0.park(&message.body, &message.attributes, &message.reason).await;
        parked.map_err(|fault| fault.chain().into())
    }
}

/// An invocation with this payload and half a minute of time, as the stage's clock runs.
pub fn event<T>(stage: &Stage, payload: T) -> LambdaEvent<T> {
    let mut context = Context::default();
    context.deadline = app::ports::Clock::now(&stage.world).plus(Span::seconds(30)).as_millis();
    LambdaEvent::new(payload, context)
}

/// The body of a message about a donation.
pub fn message(kind: DonationEventType, id: &DonationId) -> Value {
    json!({
        "id": "019a0000-0000-7000-8000-000000000001",
        "type": kind.name(),
        "donation_id": id.as_str(),
        "occurred_at": contracts::time::to_rfc3339(START),
    })
}

/// One batch of these bodies; its messages are called m0, m1, and so on.
///
/// # Panics
/// Never: such a batch is always a batch.
pub fn messages(stage: &Stage, bodies: &[Value]) -> LambdaEvent<SqsEvent> {
    let records: Vec<_> = bodies
        .iter()
        .enumerate()
        .map(|(index, body)| json!({ "messageId": format!("m{index}"), "body": body.to_string() }))
        .collect();
    event(stage, serde_json::from_value(json!({ "Records": records })).expect("it is a batch"))
}

/// The names of the messages that come back, sorted.
pub fn returned(response: SqsBatchResponse) -> Vec<String> {
    let failures = response.batch_item_failures.into_iter();
    let mut names: Vec<_> = failures.map(|failure| failure.item_identifier).collect();
    names.sort();
    names
}
