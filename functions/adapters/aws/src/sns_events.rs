//! Events through an SNS topic.

use app::ports::{Clock, DonationEventKind, Events, Fault, Ids};
use aws_sdk_sns::Client;
use aws_sdk_sns::error::BuildError;
use aws_sdk_sns::operation::publish::PublishError;
use aws_sdk_sns::types::MessageAttributeValue;
use contracts::events::{DonationEvent, DonationEventType};
use contracts::telemetry;
use contracts::time::to_rfc3339;
use domain::ids::DonationId;

use crate::call::{Call, CallError};
use crate::connection::Aws;
use crate::limits;
use crate::system::{SystemClock, UuidIds};

const PUBLISH: &str = "publish an event";
const WARM_UP: &str = "connect to the topic of events";

/// The topic of events. Cheap to clone.
#[derive(Debug, Clone)]
pub struct SnsEvents {
    client: Client,
    topic_arn: String,
}

impl SnsEvents {
    /// The topic, for whoever announces on the way: a publish takes at most 300 ms, retry included, because a donor
    /// may be waiting and a lost announcement is made up for by the completer.
    pub fn new(aws: &Aws, topic_arn: impl Into<String>) -> Self {
        Self { client: aws.sns(limits::SNS_FAST), topic_arn: topic_arn.into() }
    }

    /// The topic, for the completer itself: a publish may take up to 3 s.
    pub fn patient(aws: &Aws, topic_arn: impl Into<String>) -> Self {
        Self { client: aws.sns(limits::SNS_PATIENT), topic_arn: topic_arn.into() }
    }

    /// Opens the connection by publishing a message without text, which SNS refuses. Needs `sns:Publish`.
    ///
    /// # Errors
    /// There is no connection, or no permission. The function can go on; its first call will meet the same.
    pub async fn warm_up(&self) -> Result<(), Fault> {
        let publish = self.client.publish().topic_arn(&self.topic_arn).message("");
        match publish.send().await {
            Ok(_) => Err(Fault::permanent(WARM_UP, "a message without text was taken")),
            Err(error)
                if error.as_service_error().is_some_and(PublishError::is_invalid_parameter_exception) =>
            {
                Ok(())
            }
            Err(error) => Err(CallError::of(self.call(), error).into_fault(WARM_UP)),
        }
    }

    fn call(&self) -> Call {
        Call::new("sns:Publish", "topic", &self.topic_arn)
    }
}

impl Events for SnsEvents {
    async fn publish(&self, kind: DonationEventKind, donation: &DonationId) -> Result<(), Fault> {
        let kind = type_of(kind);
        let event = DonationEvent {
            id: UuidIds.fresh(),
            kind,
            donation_id: donation.to_string(),
            occurred_at: to_rfc3339(SystemClock.now()),
            traceparent: telemetry::current().map(|trace| trace.to_string()),
        };
        let message = serde_json::to_string(&event).map_err(|error| Fault::permanent(PUBLISH, error))?;
        let attribute = |value| text(value).map_err(|error| Fault::permanent(PUBLISH, error));
        let publish = self
            .client
            .publish()
            .topic_arn(&self.topic_arn)
            .message(message)
            .message_attributes("type", attribute(kind.name())?)
            .message_attributes("donation_id", attribute(donation.as_str())?);
        match publish.send().await {
            Ok(_) => Ok(()),
            Err(error) => Err(CallError::of(self.call(), error).into_fault(PUBLISH)),
        }
    }
}

fn type_of(kind: DonationEventKind) -> DonationEventType {
    match kind {
        DonationEventKind::DonationAccepted => DonationEventType::DonationAcceptedV1,
        DonationEventKind::PaymentCaptured => DonationEventType::PaymentCapturedV1,
        DonationEventKind::PaymentReversed => DonationEventType::PaymentReversedV1,
        DonationEventKind::RefundRequested => DonationEventType::RefundRequestedV1,
    }
}

fn text(value: &str) -> Result<MessageAttributeValue, BuildError> {
    MessageAttributeValue::builder().data_type("String").string_value(value).build()
}
