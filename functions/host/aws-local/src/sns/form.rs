//! SNS's requests: flat form fields with numbered names, as awsQuery writes lists and maps.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use queue_model::{Attribute, Attributes, Publication, Value, batch::ENTRIES_MAX};

use crate::reply::Failure;

/// Most attributes of a message that are read; SNS has no bound of its own but the message's bytes.
const ATTRIBUTES_READ_MAX: usize = 1000;

/// A request's fields by name.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads a body.
    pub(super) fn parse(body: &[u8]) -> Result<Self, Failure> {
        let fields = serde_urlencoded::from_bytes(body).map_err(|error| {
            Failure::sender("MalformedQueryString", format!("The form is malformed: {error}"))
        })?;
        Ok(Self(fields))
    }

    /// A field; an empty one is as good as none.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A field that must be there.
    pub(super) fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| invalid(format!("Invalid parameter: {name} is required")))
    }

    /// The message of a `Publish`.
    pub(super) fn publication(&self) -> Result<Publication, Failure> {
        self.publication_at("")
    }

    /// The entries of a `PublishBatch`, one past the bound included so that the bound can be seen to be
    /// broken.
    pub(super) fn batch(&self) -> Result<Vec<(String, Publication)>, Failure> {
        let mut entries = Vec::new();
        for number in 1..=ENTRIES_MAX + 1 {
            let at = format!("PublishBatchRequestEntries.member.{number}.");
            if !self.has(&at) {
                break;
            }
            let id = self.get(&format!("{at}Id")).unwrap_or_default().to_owned();
            entries.push((id, self.publication_at(&at)?));
        }
        Ok(entries)
    }

    fn publication_at(&self, at: &str) -> Result<Publication, Failure> {
        for name in ["MessageStructure", "MessageDeduplicationId", "PhoneNumber", "TargetArn"] {
            if self.get(&format!("{at}{name}")).is_some() {
                return Err(invalid(format!(
                    "Invalid parameter: {name} is not supported by this local endpoint"
                )));
            }
        }
        let field = |name: &str| self.get(&format!("{at}{name}")).map(str::to_owned);
        Ok(Publication {
            message: field("Message").unwrap_or_default(),
            subject: field("Subject"),
            attributes: self.attributes(at)?,
            group: field("MessageGroupId"),
        })
    }

    fn attributes(&self, at: &str) -> Result<Attributes, Failure> {
        let mut attributes = Attributes::new();
        for number in 1..=ATTRIBUTES_READ_MAX {
            let entry = format!("{at}MessageAttributes.entry.{number}.");
            if !self.has(&entry) {
                return Ok(attributes);
            }
            let field = |name: &str| self.0.get(&format!("{entry}{name}")).cloned();
            let name = field("Name").unwrap_or_default();
            let value = match (field("Value.BinaryValue"), field("Value.StringValue")) {
                (Some(text), _) => Value::Binary(BASE64.decode(text.as_bytes()).map_err(|error| {
                    invalid(format!("Invalid parameter: BinaryValue of message attribute '{name}': {error}"))
                })?),
                (None, text) => Value::Text(text.unwrap_or_default()),
            };
            attributes
                .insert(name, Attribute { data_type: field("Value.DataType").unwrap_or_default(), value });
        }
        Err(invalid(format!("Invalid parameter: more than {ATTRIBUTES_READ_MAX} message attributes")))
    }

    /// Whether any field's name starts so.
    fn has(&self, prefix: &str) -> bool {
        self.0.range(prefix.to_owned()..).next().is_some_and(|(name, _)| name.starts_with(prefix))
    }
}

/// SNS's error for a bad parameter.
pub(super) fn invalid(message: impl Into<String>) -> Failure {
    Failure::sender("InvalidParameter", message)
}
