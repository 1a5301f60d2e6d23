//! SQS's error codes. Source: the SQS API reference, each action's errors, and the service's model for
//! awsJson.

use http::StatusCode;
use queue_model::Refusal;
use serde_json::{Value as Json, json};

use crate::{
    error::{QueueError, Unavailable},
    reply::Failure,
};

const INVALID_VALUE: (&str, &str) =
    ("com.amazon.coral.service#InvalidParameterValueException", "InvalidParameterValue");

/// The code in JSON, and the code that SQS used before.
fn codes(why: &Refusal) -> (&'static str, &'static str) {
    match why {
        Refusal::UnknownQueue(_) => {
            ("com.amazonaws.sqs#QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
        }
        Refusal::EmptyBody => ("com.amazonaws.sqs#MissingRequiredParameterException", "MissingParameter"),
        Refusal::BadCharacter { .. } => {
            ("com.amazonaws.sqs#InvalidMessageContents", "InvalidMessageContents")
        }
        Refusal::BadReceipt => ("com.amazonaws.sqs#ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
        Refusal::NotInFlight => {
            ("com.amazonaws.sqs#MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight")
        }
        Refusal::TooManyInFlight(_) => ("com.amazonaws.sqs#OverLimit", "OverLimit"),
        Refusal::PurgeInProgress(_) => {
            ("com.amazonaws.sqs#PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress")
        }
        Refusal::EmptyBatch => {
            ("com.amazonaws.sqs#EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest")
        }
        Refusal::TooManyEntries(_) => (
            "com.amazonaws.sqs#TooManyEntriesInBatchRequest",
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        ),
        Refusal::RepeatedEntryId(_) => {
            ("com.amazonaws.sqs#BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
        }
        Refusal::BadEntryId => {
            ("com.amazonaws.sqs#InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId")
        }
        Refusal::BatchTooLong { .. } => {
            ("com.amazonaws.sqs#BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong")
        }
        _ => INVALID_VALUE,
    }
}

/// A refusal as SQS words it.
pub(super) fn refused(why: &Refusal) -> Failure {
    let (code, query_code) = codes(why);
    Failure::sender(code, why.to_string()).with_query_code(query_code)
}

/// A refusal of a move task, which names queues by ARN and so misses a resource rather than a queue.
pub(super) fn of_move(why: &Refusal) -> Failure {
    match why {
        Refusal::UnknownQueue(_) => {
            let missing = Failure::sender("com.amazonaws.sqs#ResourceNotFoundException", why.to_string());
            missing.with_status(StatusCode::NOT_FOUND).with_query_code("ResourceNotFoundException")
        }
        other => refused(other),
    }
}

/// A refusal of one entry of a batch.
pub(super) fn entry_failure(id: &str, why: &Refusal) -> Json {
    let (code, _) = codes(why);
    let plain = code.rsplit('#').next().unwrap_or(code);
    let plain = if plain == "InvalidParameterValueException" { INVALID_VALUE.1 } else { plain };
    json!({ "Id": id, "SenderFault": true, "Code": plain, "Message": why.to_string() })
}

pub(super) fn unavailable(why: &Unavailable) -> Failure {
    Failure::unavailable(why)
}

pub(super) fn queue_error(error: &QueueError) -> Failure {
    match error {
        QueueError::Refused(why) => refused(why),
        QueueError::Unavailable(why) => unavailable(why),
    }
}

/// A body that is no JSON, or lacks a field, or has one of another type.
pub(super) fn serialization(error: &serde_json::Error) -> Failure {
    Failure::sender("com.amazon.coral.service#SerializationException", error.to_string())
}

/// A parameter's value that no refusal of the model words.
pub(super) fn invalid_value(message: String) -> Failure {
    Failure::sender(INVALID_VALUE.0, message).with_query_code(INVALID_VALUE.1)
}

pub(super) fn unsupported(operation: &str) -> Failure {
    let operation: String = operation.chars().take(80).collect();
    let message =
        format!("sqs {operation} is not here: this local endpoint has only what the pipeline uses.");
    Failure::sender("com.amazonaws.sqs#UnsupportedOperation", message)
        .with_query_code("AWS.SimpleQueueService.UnsupportedOperation")
}
