//! What is wrong with a body that is not the object that was asked for, in our own words.
//!
//! The parser's own messages quote what they found, which could be a card number, so they are never passed on.

use std::fmt::Display;

use crate::problem::{Problem, ProblemType};
use domain::card_data::holds_card_number;
use serde_json::Value;

/// A field's name, what it must be, and whether it must be there.
pub type Field = (&'static str, Kind, bool);

/// What a field must be.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// A JSON string.
    Text,
    /// A JSON object of these fields and no others.
    Object(&'static [Field]),
}

/// Names of fields that hold card data wherever they appear.
const CARD_FIELDS: [&str; 7] = ["number", "pan", "cvc", "cvv", "card_number", "exp_month", "exp_year"];

/// Longest name of an unknown field that is repeated to the client.
const NAME_SHOWN_MAX: usize = 40;

/// Explains why these bytes are not an object of these fields.
pub fn explain(body: &[u8], fields: &[Field]) -> Problem {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(error) => {
            let (line, column) = (error.line(), error.column());
            let detail =
                format!("The body is not JSON: it breaks off or goes wrong at line {line}, column {column}.");
            return malformed(None, detail);
        }
    };
    card_data(&value, "")
        .or_else(|| mismatch(&value, fields, ""))
        .unwrap_or_else(|| malformed(None, "A field is there twice."))
}

/// A text of the body in its own type. What looks like a card number is refused before anything else is said of it.
///
/// # Errors
/// The problem to answer with, which names the field and the rule.
pub fn typed<T, E: Display>(
    pointer: &str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, Problem> {
    if holds_card_number(text) {
        return Err(Problem::card_number(pointer));
    }
    parse(text).map_err(|rule| Problem::invalid(pointer, rule))
}

/// The first place in the body that holds what could be card data.
fn card_data(value: &Value, pointer: &str) -> Option<Problem> {
    match value {
        Value::String(text) if holds_card_number(text) => Some(Problem::card_number(pointer)),
        Value::Number(number) if holds_card_number(&number.to_string()) => {
            Some(Problem::card_number(pointer))
        }
        Value::Array(items) => items.iter().find_map(|item| card_data(item, pointer)),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            if holds_card_number(name) {
                return Some(Problem::card_number(pointer));
            }
            let pointer = format!("{pointer}/{}", shown(name));
            let is_card_field = CARD_FIELDS.contains(&name.as_str());
            if is_card_field { Some(Problem::card_number(&pointer)) } else { card_data(field, &pointer) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// The first difference between the value and an object of these fields.
fn mismatch(value: &Value, fields: &[Field], pointer: &str) -> Option<Problem> {
    let at = |name: &str| format!("{pointer}/{name}");
    let Some(object) = value.as_object() else {
        return Some(malformed(Some(pointer), "This must be a JSON object."));
    };
    if let Some(unknown) = object.keys().find(|name| fields.iter().all(|field| field.0 != **name)) {
        let known: Vec<_> = fields.iter().map(|field| field.0).collect();
        let detail = format!("There is no such field. The fields here are: {}.", known.join(", "));
        return Some(malformed(Some(&at(&shown(unknown))), detail));
    }
    fields.iter().find_map(|&(name, kind, is_required)| match (object.get(name), kind) {
        (None, _) if is_required => Some(malformed(Some(&at(name)), "This field is missing.")),
        (None, _) | (Some(Value::String(_)), Kind::Text) => None,
        // An optional field may be null: that says the same as leaving it out.
        (Some(Value::Null), _) if !is_required => None,
        (Some(_), Kind::Text) => Some(malformed(Some(&at(name)), "This must be a JSON string.")),
        (Some(inner), Kind::Object(fields)) => mismatch(inner, fields, &at(name)),
    })
}

/// A client's own field name, as far as it is harmless to repeat.
fn shown(name: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-');
    if name.len() <= NAME_SHOWN_MAX && name.chars().all(is_plain) {
        name.to_owned()
    } else {
        "…".to_owned()
    }
}

fn malformed(pointer: Option<&str>, detail: impl Into<String>) -> Problem {
    Problem::new(ProblemType::MalformedBody, pointer, detail)
}
