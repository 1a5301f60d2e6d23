//! JSON bodies: one object in an envelope that names the kind of resource.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::refusal::Refusal;
use crate::http::Request;

/// Metadata has at most so many keys, each key and each value so many characters.
/// <https://developer.gocardless.com/api-reference/#core-endpoints-payments>
const METADATA_KEYS_MAX: usize = 3;
const METADATA_KEY_MAX: usize = 50;
const METADATA_VALUE_MAX: usize = 500;

/// The fields in the envelope of a body; none where there is no body, which only an action may leave out.
pub(crate) fn read(request: &Request, envelope: &str) -> Result<Option<Map<String, Value>>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    let kind = request.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/json") {
        let message = "The Content-Type must be application/json";
        return Err(Refusal::usage(415, "unsupported_media_type", message));
    }
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|_| Refusal::usage(400, "bad_request", "The body is not JSON"))?;
    match body {
        // An SDK sends null where an action has no parameters.
        Value::Null => Ok(None),
        Value::Object(mut body) => match body.remove(envelope) {
            Some(Value::Object(fields)) if body.is_empty() => Ok(Some(fields)),
            _ => Err(structure(envelope)),
        },
        _ => Err(structure(envelope)),
    }
}

fn structure(envelope: &str) -> Refusal {
    let message = format!("The body must be an object with the one key \"{envelope}\"");
    Refusal::usage(400, "invalid_document_structure", message)
}

/// Takes fields out of a body one by one and notes what is wrong with them.
pub(crate) struct Fields {
    left: Map<String, Value>,
    envelope: &'static str,
    errors: Vec<Value>,
}

impl Fields {
    /// The fields of a body; a body that is missing has none.
    pub(crate) fn new(fields: Option<Map<String, Value>>, envelope: &'static str) -> Self {
        Self { left: fields.unwrap_or_default(), envelope, errors: Vec::new() }
    }

    /// Notes that something is wrong with a field.
    pub(crate) fn wrong(&mut self, field: &str, message: impl Into<String>) {
        let pointer = format!("/{}/{}", self.envelope, field.replace('.', "/"));
        let field = field.rsplit('.').next().unwrap_or(field);
        self.errors.push(json!({ "field": field, "message": message.into(), "request_pointer": pointer }));
    }

    /// A whole number.
    pub(crate) fn integer(&mut self, field: &str) -> Option<i64> {
        let value = self.left.remove(field)?;
        let number = value.as_i64();
        if number.is_none() {
            self.wrong(field, "must be a number");
        }
        number
    }

    /// A text of at most `max` characters; null is none.
    pub(crate) fn text(&mut self, field: &str, max: usize) -> Option<String> {
        match self.left.remove(field)? {
            Value::Null => None,
            Value::String(text) if text.chars().count() <= max => Some(text),
            Value::String(_) => {
                self.wrong(field, format!("is too long (maximum is {max} characters)"));
                None
            }
            _ => {
                self.wrong(field, "must be a string");
                None
            }
        }
    }

    /// True or false.
    pub(crate) fn boolean(&mut self, field: &str) -> Option<bool> {
        let value = self.left.remove(field)?;
        if value.as_bool().is_none() {
            self.wrong(field, "must be a boolean");
        }
        value.as_bool()
    }

    /// The one link that the sandbox does, which must be there.
    pub(crate) fn link(&mut self, name: &str) -> Option<String> {
        let Some(Value::Object(mut links)) = self.left.remove("links") else {
            self.wrong("links", "can't be blank");
            return None;
        };
        let link = links.remove(name);
        for other in links.keys() {
            self.wrong(&format!("links.{other}"), "is not done by the sandbox");
        }
        let Some(Value::String(id)) = link else {
            self.wrong(&format!("links.{name}"), "can't be blank");
            return None;
        };
        Some(id)
    }

    /// The metadata, empty where there is none.
    pub(crate) fn metadata(&mut self) -> BTreeMap<String, String> {
        let given = match self.left.remove("metadata") {
            None => Map::new(),
            Some(Value::Object(given)) => given,
            Some(_) => {
                self.wrong("metadata", "must be an object");
                Map::new()
            }
        };
        if given.len() > METADATA_KEYS_MAX {
            self.wrong("metadata", format!("can have at most {METADATA_KEYS_MAX} keys"));
        }
        let mut metadata = BTreeMap::new();
        for (key, value) in given {
            match value {
                Value::String(value)
                    if key.chars().count() <= METADATA_KEY_MAX
                        && value.chars().count() <= METADATA_VALUE_MAX =>
                {
                    metadata.insert(key, value);
                }
                Value::String(_) => {
                    let message = format!(
                        "keys can have {METADATA_KEY_MAX} characters and values {METADATA_VALUE_MAX}"
                    );
                    self.wrong("metadata", message);
                }
                _ => self.wrong("metadata", "values must be strings"),
            }
        }
        metadata
    }

    /// Refuses what is wrong, and every field that nobody has taken: the sandbox ignores nothing.
    pub(crate) fn finish(mut self) -> Result<(), Refusal> {
        let left: Vec<String> = self.left.keys().cloned().collect();
        for field in left {
            self.wrong(&field, "is not done by the sandbox");
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Refusal::validation(self.errors)) }
    }
}
