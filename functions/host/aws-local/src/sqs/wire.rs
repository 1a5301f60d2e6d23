//! SQS's requests and answers as they stand in JSON.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use queue_model::{
    Attribute, Attributes, Depth, Outgoing, QueueSettings, Sent, Value, message::MESSAGE_BYTES_MAX,
};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use super::failure::invalid_value;
use crate::{reply::Failure, settings::queue_arn};

/// The one field that every call on a queue has.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    pub(super) queue_url: String,
}

#[derive(Deserialize)]
pub(super) struct OfQueue {}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchOf<E> {
    #[serde(default = "Vec::new")]
    pub(super) entries: Vec<E>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Content {
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<i64>,
    message_attributes: Option<BTreeMap<String, WireAttribute>>,
    message_system_attributes: Option<BTreeMap<String, WireAttribute>>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SendMessage {
    #[serde(flatten)]
    pub(super) message: Content,
}

#[derive(Deserialize)]
pub(super) struct SendEntry {
    #[serde(rename = "Id")]
    pub(super) id: String,
    #[serde(flatten)]
    pub(super) message: Content,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireAttribute {
    #[serde(default)]
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    pub(super) max_number_of_messages: Option<i64>,
    pub(super) visibility_timeout: Option<i64>,
    pub(super) wait_time_seconds: Option<i64>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OfReceipt {
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteEntry {
    id: String,
    pub(super) receipt_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeEntry {
    #[serde(default)]
    id: String,
    pub(super) receipt_handle: String,
    visibility_timeout: Option<i64>,
}

/// An entry of a batch.
pub(super) trait Entry {
    fn id(&self) -> &str;
}

impl Entry for DeleteEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

impl Entry for ChangeEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueUrl {
    pub(super) queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetQueueAttributes {
    pub(super) queue_url: String,
    pub(super) attribute_names: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListQueues {
    pub(super) queue_name_prefix: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartMove {
    pub(super) source_arn: String,
    pub(super) destination_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListMoves {
    pub(super) source_arn: String,
    pub(super) max_results: Option<i64>,
}

/// A number that may not be negative; the model knows its upper bound.
pub(super) fn within(parameter: &'static str, value: Option<i64>) -> Result<Option<u32>, Failure> {
    let Some(value) = value else { return Ok(None) };
    let whole = u32::try_from(value).map_err(|_| {
        invalid_value(format!(
            "Value {value} for parameter {parameter} is invalid. Reason: Must be 0 or greater."
        ))
    });
    whole.map(Some)
}

impl Content {
    /// The message for the model.
    pub(super) fn outgoing(self, sender: String) -> Result<Outgoing, Failure> {
        if self.message_deduplication_id.is_some() {
            let rule = "The request includes a parameter that is not valid for this queue type.";
            return Err(invalid_value(format!(
                "Value for parameter MessageDeduplicationId is invalid. Reason: {rule}"
            )));
        }
        let attributes = attributes(self.message_attributes.unwrap_or_default())?;
        let mut system = attributes_of_system(self.message_system_attributes.unwrap_or_default())?;
        Ok(Outgoing {
            body: self.message_body,
            attributes,
            delay_seconds: within("DelaySeconds", self.delay_seconds)?,
            trace_header: system.take(),
            group: self.message_group_id,
            sender,
        })
    }
}

fn attributes(wire: BTreeMap<String, WireAttribute>) -> Result<Attributes, Failure> {
    let read = |(name, attribute): (String, WireAttribute)| {
        let value = match (attribute.binary_value, attribute.string_value) {
            (Some(text), _) => Value::Binary(BASE64.decode(text.as_bytes()).map_err(|error| {
                invalid_value(format!(
                    "The message attribute '{name}' has a BinaryValue that is not base64: {error}"
                ))
            })?),
            (None, text) => Value::Text(text.unwrap_or_default()),
        };
        Ok((name, Attribute { data_type: attribute.data_type, value }))
    };
    wire.into_iter().map(read).collect()
}

/// `AWSTraceHeader`, the one system attribute that a sender may set.
fn attributes_of_system(wire: BTreeMap<String, WireAttribute>) -> Result<Option<String>, Failure> {
    let mut header = None;
    for (name, attribute) in wire {
        if name != "AWSTraceHeader" {
            return Err(invalid_value(format!("Message system attribute name '{name}' is invalid.")));
        }
        header = attribute.string_value;
    }
    Ok(header)
}

impl Receive {
    /// Whether the receiver asked for a system attribute.
    pub(super) fn wants_system(&self, name: &str) -> bool {
        let asked = [&self.attribute_names, &self.message_system_attribute_names];
        asked.into_iter().flatten().flatten().any(|wanted| wanted == "All" || wanted == name)
    }

    /// Whether the receiver asked for a message attribute: by name, by prefix (`name.*`), or for all.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.message_attribute_names.iter().flatten().any(|wanted| {
            let by_prefix = wanted.strip_suffix(".*").is_some_and(|prefix| name.starts_with(prefix));
            wanted == "All" || by_prefix || wanted == name
        })
    }
}

impl ChangeEntry {
    pub(super) fn seconds(&self) -> Result<u32, Failure> {
        within("VisibilityTimeout", self.visibility_timeout)?.ok_or_else(|| {
            invalid_value("The request must contain the parameter VisibilityTimeout.".to_owned())
        })
    }
}

pub(super) fn sent(sent: &Sent) -> Json {
    let mut json = json!({ "MessageId": sent.id, "MD5OfMessageBody": sent.body_md5 });
    if let Some(md5) = &sent.attributes_md5 {
        json["MD5OfMessageAttributes"] = Json::from(md5.as_str());
    }
    json
}

pub(super) fn attributes_json(attributes: &Attributes) -> Json {
    let each = attributes.iter().map(|(name, attribute)| {
        let json = match &attribute.value {
            Value::Text(text) => json!({ "DataType": attribute.data_type, "StringValue": text }),
            Value::Binary(bytes) => {
                json!({ "DataType": attribute.data_type, "BinaryValue": BASE64.encode(bytes) })
            }
        };
        (name.clone(), json)
    });
    Json::Object(each.collect())
}

/// Every attribute of a queue, as text.
pub(super) fn queue_attributes(
    queue: &str,
    settings: &QueueSettings,
    depth: Depth,
) -> BTreeMap<&'static str, String> {
    let mut all = BTreeMap::from([
        ("QueueArn", queue_arn(queue)),
        ("ApproximateNumberOfMessages", depth.visible.to_string()),
        ("ApproximateNumberOfMessagesNotVisible", depth.in_flight.to_string()),
        ("ApproximateNumberOfMessagesDelayed", depth.delayed.to_string()),
        ("VisibilityTimeout", settings.visibility_timeout_seconds.to_string()),
        ("MessageRetentionPeriod", settings.retention_seconds.to_string()),
        ("DelaySeconds", settings.delay_seconds.to_string()),
        ("MaximumMessageSize", MESSAGE_BYTES_MAX.to_string()),
        ("ReceiveMessageWaitTimeSeconds", "0".to_owned()),
    ]);
    if let Some(redrive) = &settings.redrive {
        let target = queue_arn(&redrive.dead_letters);
        let policy = json!({ "deadLetterTargetArn": target, "maxReceiveCount": redrive.receive_count_max });
        all.insert("RedrivePolicy", policy.to_string());
    }
    all
}

/// The attributes that were asked for. One that SQS knows but a queue does not have is left out, as SQS does
/// with a `RedrivePolicy` that is not set.
pub(super) fn chosen_attributes(
    all: &BTreeMap<&'static str, String>,
    asked: &[String],
) -> Result<Json, Failure> {
    let mut chosen = Map::new();
    for name in asked {
        if name == "All" {
            chosen.extend(all.iter().map(|(name, value)| ((*name).to_owned(), Json::from(value.as_str()))));
        } else if let Some(value) = all.get(name.as_str()) {
            chosen.insert(name.clone(), Json::from(value.as_str()));
        } else if name != "RedrivePolicy" {
            return Err(Failure::sender(
                "com.amazonaws.sqs#InvalidAttributeName",
                format!("Unknown Attribute {name}."),
            )
            .with_query_code("InvalidAttributeName"));
        }
    }
    Ok(Json::Object(chosen))
}
