//! What travels through a queue, and the rules that it must meet.
//!
//! Rules: the SQS API reference, `SendMessage`, and the developer guide's pages on message metadata and
//! quotas.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{digest, refusal::Refusal};

/// Most bytes of a message in a queue: body plus attribute names, types and values.
pub const MESSAGE_BYTES_MAX: usize = 1_048_576;
/// Most message attributes in a queue.
pub const ATTRIBUTES_MAX: usize = 10;
/// Most seconds that a message may be delayed.
pub const DELAY_SECONDS_MAX: u32 = 900;

/// Message attributes by name.
pub type Attributes = BTreeMap<String, Attribute>;

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// `String`, `Number` or `Binary`, with an optional label after a point (`Number.int`); SNS adds
    /// `String.Array`.
    pub data_type: String,
    /// The value.
    pub value: Value,
}

impl Attribute {
    /// A `String` attribute.
    pub fn text(value: impl Into<String>) -> Self {
        Self { data_type: "String".to_owned(), value: Value::Text(value.into()) }
    }

    /// The text of a `String` or `Number` attribute.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::Binary(_) => None,
        }
    }

    fn bytes(&self) -> usize {
        let value = match &self.value {
            Value::Text(text) => text.len(),
            Value::Binary(bytes) => bytes.len(),
        };
        self.data_type.len() + value
    }
}

/// An attribute's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// Of a `String` or `Number` attribute.
    Text(String),
    /// Of a `Binary` attribute.
    Binary(Vec<u8>),
}

/// A message as its sender gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// The text, 1 byte to 1 MiB together with the attributes.
    pub body: String,
    /// At most ten.
    pub attributes: Attributes,
    /// Seconds before the message can be received; the queue's own delay where not given.
    pub delay_seconds: Option<u32>,
    /// X-Ray trace header, the one system attribute that a sender may set.
    pub trace_header: Option<String>,
    /// Group id; on a standard queue it only serves fair sharing, which the model does not have, and is
    /// carried along.
    pub group: Option<String>,
    /// Who sends: the `SenderId` that the receiver is told.
    pub sender: String,
}

impl Outgoing {
    /// Checks the message against SQS's rules.
    ///
    /// # Errors
    /// An empty or too long message, a character or an attribute that SQS does not carry, too many
    /// attributes, or a delay out of range.
    pub fn check(&self) -> Result<(), Refusal> {
        if self.body.is_empty() {
            return Err(Refusal::EmptyBody);
        }
        let bytes = self.bytes();
        if bytes > MESSAGE_BYTES_MAX {
            return Err(Refusal::MessageTooLong { bytes, max: MESSAGE_BYTES_MAX });
        }
        check_characters(&self.body, "MessageBody")?;
        if self.attributes.len() > ATTRIBUTES_MAX {
            return Err(Refusal::TooManyAttributes(self.attributes.len()));
        }
        check_attributes(&self.attributes)?;
        match self.delay_seconds {
            Some(value) if value > DELAY_SECONDS_MAX => {
                Err(Refusal::OutOfRange { parameter: "DelaySeconds", value, min: 0, max: DELAY_SECONDS_MAX })
            }
            _ => Ok(()),
        }
    }

    /// Bytes that count towards the bound.
    pub fn bytes(&self) -> usize {
        self.body.len() + attribute_bytes(&self.attributes)
    }
}

/// Bytes of attribute names, types and values.
pub fn attribute_bytes(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, attribute)| name.len() + attribute.bytes()).sum()
}

/// Checks each attribute's name, type and value, whatever their number.
///
/// # Errors
/// The first attribute that breaks a rule.
pub fn check_attributes(attributes: &Attributes) -> Result<(), Refusal> {
    for (name, attribute) in attributes {
        let bad = |rule| Refusal::BadAttribute { name: name.clone(), rule };
        check_name(name).map_err(bad)?;
        check_value(attribute).map_err(bad)?;
        if let Value::Text(text) = &attribute.value {
            check_characters(text, "a message attribute's value")?;
        }
    }
    Ok(())
}

fn check_name(name: &str) -> Result<(), &'static str> {
    if name.is_empty() || name.len() > 256 {
        return Err("the name must be 1 to 256 characters long");
    }
    if !name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b)) {
        return Err("the name may contain A-Z, a-z, 0-9, underscore, hyphen and period");
    }
    if name.starts_with('.') || name.ends_with('.') || name.contains("..") {
        return Err("the name may not start or end with a period or have two in a row");
    }
    let lower = name.to_ascii_lowercase();
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err("the name may not start with AWS. or Amazon.");
    }
    Ok(())
}

fn check_value(attribute: &Attribute) -> Result<(), &'static str> {
    if attribute.data_type.is_empty() || attribute.data_type.len() > 256 {
        return Err("the type must be 1 to 256 characters long");
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    match (kind, &attribute.value) {
        ("String", Value::Text(text)) if !text.is_empty() => Ok(()),
        ("Number", Value::Text(text)) if is_number(text) => Ok(()),
        ("Number", Value::Text(_)) => Err("a Number must be a decimal number of at most 38 digits"),
        ("Binary", Value::Binary(bytes)) if !bytes.is_empty() => Ok(()),
        ("String" | "Binary", _) => {
            Err("a String needs a non-empty StringValue, a Binary a non-empty BinaryValue")
        }
        _ => Err("the type must be String, Number or Binary, with an optional label after a period"),
    }
}

/// Whether the text is a decimal number of at most 38 digits, with an optional sign, fraction and exponent.
fn is_number(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let count = whole.len() + fraction.len();
    digits(whole)
        && digits(fraction)
        && (1..=38).contains(&count)
        && digits(exponent)
        && (1..=3).contains(&exponent.len())
}

/// Checks that SQS carries every character: XML's characters, the two non-characters U+FFFE and U+FFFF
/// excluded.
///
/// # Errors
/// The first character that is not carried, and where it stood.
pub fn check_characters(text: &str, place: &'static str) -> Result<(), Refusal> {
    let carried =
        |c: char| matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}');
    match text.chars().find(|c| !carried(*c)) {
        Some(c) => Err(Refusal::BadCharacter { code: u32::from(c), place }),
        None => Ok(()),
    }
}

/// A message in a queue. It never changes, so that every copy of it is shared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// `MessageId`, in the form of a UUID.
    pub id: String,
    /// The text.
    pub body: String,
    /// The attributes.
    pub attributes: Attributes,
    /// X-Ray trace header.
    pub trace_header: Option<String>,
    /// Group id.
    pub group: Option<String>,
    /// `SenderId`.
    pub sender: String,
    /// MD5 of the body, lower-case hexadecimal.
    pub body_md5: String,
    /// MD5 of the attributes, where there are any.
    pub attributes_md5: Option<String>,
}

impl Message {
    /// A message with its digests.
    pub fn new(id: String, outgoing: Outgoing) -> Self {
        let body_md5 = digest::of_body(&outgoing.body);
        let attributes_md5 = digest::of_attributes(&outgoing.attributes);
        let Outgoing { body, attributes, trace_header, group, sender, .. } = outgoing;
        Self { id, body, attributes, trace_header, group, sender, body_md5, attributes_md5 }
    }

    /// The same message with another id, body and attributes, and their digests.
    pub(crate) fn with(&self, id: String, body: String, attributes: Attributes) -> Self {
        let Self { trace_header, group, sender, .. } = self.clone();
        Self::new(id, Outgoing { body, attributes, delay_seconds: None, trace_header, group, sender })
    }
}
