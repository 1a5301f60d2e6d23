//! Reading parameters one by one, each refusal naming the parameter and the rule.

use std::collections::BTreeMap;

use crate::stripe::form::{Field, Params};
use crate::stripe::refusal::Refusal;

/// Metadata limits: <https://docs.stripe.com/api/metadata>.
const METADATA_KEYS_MAX: usize = 50;
const METADATA_KEY_MAX: usize = 40;
const METADATA_VALUE_MAX: usize = 500;

/// The most things one request may expand.
const EXPAND_MAX: usize = 20;

impl Params {
    /// Refuses every parameter that is in neither list: the second holds those Stripe knows and the sandbox
    /// lacks.
    pub(crate) fn only(&self, known: &[&str], unsupported: &[&str]) -> Result<(), Refusal> {
        for name in self.fields.keys().map(String::as_str) {
            if unsupported.contains(&name) {
                return Err(Refusal::unsupported(name));
            }
            if !known.contains(&name) {
                return Err(Refusal::unknown(name));
            }
        }
        Ok(())
    }

    /// A single value. An empty one would unset something, and nothing here can be unset.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, Refusal> {
        match self.fields.get(name) {
            None => Ok(None),
            Some(Field::Text(value)) if value.is_empty() => {
                let message = format!("{name} was sent empty; leave it out, or give it a value.");
                Err(Refusal::coded(name, "parameter_invalid_empty", message))
            }
            Some(Field::Text(value)) => Ok(Some(value)),
            Some(Field::Nested(_)) => Err(Refusal::param(name, format!("{name} must be a single value."))),
        }
    }

    /// A single value of at most `max` characters.
    pub(crate) fn short_text(&self, name: &str, max: usize) -> Result<Option<String>, Refusal> {
        let value = self.text(name)?;
        if value.is_some_and(|value| value.chars().count() > max) {
            let message = format!("{name} may have at most {max} characters.");
            return Err(Refusal::coded(name, "parameter_invalid_string", message));
        }
        Ok(value.map(str::to_owned))
    }

    /// `true` or `false`; false where it is not given.
    pub(crate) fn boolean(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal::param(name, format!("Invalid boolean: {name} must be true or false."))),
        }
    }

    /// A whole number.
    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let invalid = || {
            let message = format!("Invalid integer: {name} must be a whole number.");
            Refusal::coded(name, "parameter_invalid_integer", message)
        };
        // A plus sign is no part of Stripe's integers, though Rust would read it.
        if text.starts_with('+') {
            return Err(invalid());
        }
        text.parse().map(Some).map_err(|_| invalid())
    }

    /// One of a few words.
    pub(crate) fn one_of(&self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let found = words.iter().find(|word| **word == text);
        found.copied().map(Some).ok_or_else(|| {
            Refusal::param(name, format!("Invalid {name}: must be one of {}", words.join(", ")))
        })
    }

    /// Parameters within a parameter, all of which must be known.
    pub(crate) fn nested(&self, name: &str, known: &[&str]) -> Result<Option<Params>, Refusal> {
        let fields = match self.fields.get(name) {
            None => return Ok(None),
            Some(Field::Nested(fields)) => fields,
            Some(Field::Text(_)) => {
                return Err(Refusal::param(name, format!("Invalid object: {name} must be {name}[..]=..")));
            }
        };
        if let Some(unknown) = fields.keys().find(|key| !known.contains(&key.as_str())) {
            return Err(Refusal::unknown(&format!("{name}[{unknown}]")));
        }
        Ok(Some(Params { fields: fields.clone() }))
    }

    /// A list of words: `name[]=a` or `name[0]=a`.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Refusal> {
        let invalid = || Refusal::param(name, format!("Invalid array: {name} must be {name}[]=.."));
        let fields = match self.fields.get(name) {
            None => return Ok(Vec::new()),
            Some(Field::Nested(fields)) => fields,
            Some(Field::Text(_)) => return Err(invalid()),
        };
        let text = |field: &Field| match field {
            Field::Text(value) => Some(value.clone()),
            Field::Nested(_) => None,
        };
        fields.values().map(|field| text(field).ok_or_else(invalid)).collect()
    }

    /// What the request wants expanded.
    pub(crate) fn expand(&self) -> Result<Vec<String>, Refusal> {
        let paths = self.list("expand")?;
        if paths.len() > EXPAND_MAX {
            return Err(Refusal::param("expand", format!("At most {EXPAND_MAX} things may be expanded.")));
        }
        Ok(paths)
    }

    /// The caller's own notes on an object. An empty value is no note.
    pub(crate) fn metadata(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let fields = match self.fields.get("metadata") {
            None => return Ok(BTreeMap::new()),
            Some(Field::Text(text)) if text.is_empty() => return Ok(BTreeMap::new()),
            Some(Field::Text(_)) => {
                return Err(Refusal::param("metadata", "Invalid object: metadata must be metadata[..]=.."));
            }
            Some(Field::Nested(fields)) => fields,
        };
        if fields.len() > METADATA_KEYS_MAX {
            return Err(Refusal::param("metadata", format!("At most {METADATA_KEYS_MAX} keys.")));
        }
        let mut metadata = BTreeMap::new();
        for (key, field) in fields {
            let name = format!("metadata[{key}]");
            let Field::Text(value) = field else {
                return Err(Refusal::param(&name, "Metadata values must be single values."));
            };
            if key.chars().count() > METADATA_KEY_MAX || value.chars().count() > METADATA_VALUE_MAX {
                let message =
                    format!("A key has at most {METADATA_KEY_MAX}, a value {METADATA_VALUE_MAX} characters.");
                return Err(Refusal::param(&name, message));
            }
            if !value.is_empty() {
                metadata.insert(key.clone(), value.clone());
            }
        }
        Ok(metadata)
    }
}
