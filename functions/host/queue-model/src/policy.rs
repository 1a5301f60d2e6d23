//! Filter policies over message attributes.
//!
//! A policy maps attribute names to alternatives: a message passes when, for every name, at least one
//! alternative matches. Source: SNS developer guide, "Amazon SNS message filtering". Operators outside those
//! of [`Rule`] (`$or`, `wildcard`, `cidr`, a policy over the body) are refused when the policy is set, never
//! ignored.

use std::collections::BTreeMap;

use serde_json::Value as Json;

use crate::{
    message::{Attribute, Attributes, Value},
    number::Number,
    refusal::Refusal,
};

const KEYS_MAX: usize = 5;
const COMBINATIONS_MAX: usize = 150;
const POLICY_BYTES_MAX: usize = 262_144;

/// A filter policy, read and found valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterPolicy {
    text: String,
    rules: BTreeMap<String, Vec<Rule>>,
}

/// One alternative for an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    Exact(Scalar),
    Prefix(String),
    Suffix(String),
    EqualsIgnoreCase(String),
    AnythingBut(Vec<Scalar>),
    AnythingButPrefix(String),
    AnythingButSuffix(String),
    Numeric(Vec<(Comparison, Number)>),
    Exists(bool),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value in a policy, in an attribute, or in a `String.Array`.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Scalar {
    Text(String),
    Number(Number),
    Flag(bool),
    Null,
}

impl FilterPolicy {
    /// Reads a policy from JSON.
    ///
    /// # Errors
    /// [`Refusal::BadFilterPolicy`] with the key and the rule: not a JSON object, a key without alternatives,
    /// an operator that is unknown or malformed, a number out of range, or a policy over SNS's bounds (five
    /// keys, 150 combinations, 256 KiB).
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        parse(text).map_err(Refusal::BadFilterPolicy)
    }

    /// The JSON as it was set.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether a message with these attributes passes.
    pub fn passes(&self, attributes: &Attributes) -> bool {
        self.rules.iter().all(|(name, rules)| {
            let values = attributes.get(name).map(scalars);
            rules.iter().any(|rule| rule.matches(values.as_deref(), attributes.is_empty()))
        })
    }
}

fn parse(text: &str) -> Result<FilterPolicy, String> {
    if text.len() > POLICY_BYTES_MAX {
        return Err(format!("the policy is {} bytes; it must be at most {POLICY_BYTES_MAX}", text.len()));
    }
    let json: Json = serde_json::from_str(text).map_err(|e| format!("the policy is not JSON ({e})"))?;
    let Json::Object(keys) = json else { return Err("the policy must be a JSON object".to_owned()) };
    if keys.len() > KEYS_MAX {
        return Err(format!("the policy has {} keys; it may have at most {KEYS_MAX}", keys.len()));
    }
    let mut rules = BTreeMap::new();
    let mut combinations: usize = 1;
    for (name, value) in keys {
        let Json::Array(alternatives) = value else { return Err(format!("\"{name}\" must be an array")) };
        if alternatives.is_empty() {
            return Err(format!("empty arrays are not allowed (\"{name}\")"));
        }
        combinations = combinations.saturating_mul(alternatives.len());
        let read: Result<Vec<Rule>, String> =
            alternatives.iter().map(|a| rule(a).map_err(|e| format!("\"{name}\": {e}"))).collect();
        rules.insert(name, read?);
    }
    if combinations > COMBINATIONS_MAX {
        return Err(format!(
            "the policy is too complex: {combinations} combinations; the most is {COMBINATIONS_MAX}"
        ));
    }
    Ok(FilterPolicy { text: text.to_owned(), rules })
}

fn rule(json: &Json) -> Result<Rule, String> {
    let Json::Object(operators) = json else { return Ok(Rule::Exact(scalar(json)?)) };
    let mut pairs = operators.iter();
    let (Some((operator, operand)), None) = (pairs.next(), pairs.next()) else {
        return Err("a match object must have exactly one operator".to_owned());
    };
    match operator.as_str() {
        "prefix" => Ok(Rule::Prefix(string(operand, "prefix")?)),
        "suffix" => Ok(Rule::Suffix(string(operand, "suffix")?)),
        "equals-ignore-case" => Ok(Rule::EqualsIgnoreCase(string(operand, "equals-ignore-case")?)),
        "anything-but" => anything_but(operand),
        "numeric" => Ok(Rule::Numeric(numeric(operand)?)),
        "exists" => {
            operand.as_bool().map(Rule::Exists).ok_or_else(|| "exists must be true or false".to_owned())
        }
        other => Err(format!("unrecognized match type {other}")),
    }
}

fn anything_but(operand: &Json) -> Result<Rule, String> {
    match operand {
        Json::Array(values) if values.is_empty() => Err("anything-but must not be empty".to_owned()),
        Json::Array(values) => Ok(Rule::AnythingBut(values.iter().map(scalar).collect::<Result<_, _>>()?)),
        Json::Object(_) => match rule(operand)? {
            Rule::Prefix(text) => Ok(Rule::AnythingButPrefix(text)),
            Rule::Suffix(text) => Ok(Rule::AnythingButSuffix(text)),
            _ => Err("anything-but takes values, a prefix or a suffix".to_owned()),
        },
        single => Ok(Rule::AnythingBut(vec![scalar(single)?])),
    }
}

fn string(json: &Json, operator: &str) -> Result<String, String> {
    match json.as_str() {
        Some("") => Err(format!("{operator} must not be empty")),
        Some(text) => Ok(text.to_owned()),
        None => Err(format!("{operator} must be a string")),
    }
}

fn scalar(json: &Json) -> Result<Scalar, String> {
    match json {
        Json::String(text) => Ok(Scalar::Text(text.clone())),
        Json::Number(_) => Ok(Scalar::Number(policy_number(json)?)),
        Json::Bool(flag) => Ok(Scalar::Flag(*flag)),
        Json::Null => Ok(Scalar::Null),
        Json::Array(_) | Json::Object(_) => {
            Err("a value must be a string, a number, true, false or null".to_owned())
        }
    }
}

fn policy_number(json: &Json) -> Result<Number, String> {
    let read = if json.is_number() { Number::parse(&json.to_string()) } else { None };
    read.filter(|n| n.fits_policy()).ok_or_else(|| format!("{json} must be a number from -1e9 to 1e9"))
}

fn numeric(operand: &Json) -> Result<Vec<(Comparison, Number)>, String> {
    let parts = operand.as_array().ok_or("numeric must be an array")?;
    let mut comparisons = Vec::new();
    for pair in parts.chunks(2) {
        let [operator, value] = pair else {
            return Err("numeric takes pairs of operator and number".to_owned());
        };
        let comparison = match operator.as_str() {
            Some("=") => Comparison::Equal,
            Some("<") => Comparison::Less,
            Some("<=") => Comparison::LessOrEqual,
            Some(">") => Comparison::Greater,
            Some(">=") => Comparison::GreaterOrEqual,
            _ => return Err(format!("{operator} is not a numeric operator (=, <, <=, >, >=)")),
        };
        comparisons.push((comparison, policy_number(value)?));
    }
    check_range(&comparisons)?;
    Ok(comparisons)
}

/// A numeric rule is one comparison, or a lower bound followed by a higher upper one.
fn check_range(comparisons: &[(Comparison, Number)]) -> Result<(), String> {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    match comparisons {
        [_] => Ok(()),
        [(Greater | GreaterOrEqual, low), (Less | LessOrEqual, high)] if low < high => Ok(()),
        [(Greater | GreaterOrEqual, _), (Less | LessOrEqual, _)] => {
            Err("the bottom of a numeric range must be less than its top".to_owned())
        }
        _ => Err("numeric takes one comparison, or a lower and an upper bound".to_owned()),
    }
}

impl Rule {
    /// Whether the rule matches an attribute's values; `none_at_all` says that the message has no attributes,
    /// which not even `exists: false` lets through.
    fn matches(&self, values: Option<&[Scalar]>, none_at_all: bool) -> bool {
        match (self, values) {
            (Rule::Exists(wanted), Some(values)) => *wanted != values.is_empty(),
            (Rule::Exists(wanted), None) => !wanted && !none_at_all,
            (_, None) => false,
            (rule, Some(values)) => values.iter().any(|value| rule.matches_value(value)),
        }
    }

    fn matches_value(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Rule::Exact(wanted), value) => wanted == value,
            (Rule::AnythingBut(refused), value) => !refused.contains(value),
            (Rule::Prefix(prefix), Scalar::Text(text)) => text.starts_with(prefix),
            (Rule::Suffix(suffix), Scalar::Text(text)) => text.ends_with(suffix),
            (Rule::EqualsIgnoreCase(wanted), Scalar::Text(text)) => {
                wanted.to_lowercase() == text.to_lowercase()
            }
            (Rule::AnythingButPrefix(prefix), Scalar::Text(text)) => !text.starts_with(prefix),
            (Rule::AnythingButSuffix(suffix), Scalar::Text(text)) => !text.ends_with(suffix),
            (Rule::Numeric(comparisons), Scalar::Number(number)) => {
                comparisons.iter().all(|(comparison, bound)| comparison.holds(*number, *bound))
            }
            _ => false,
        }
    }
}

impl Comparison {
    fn holds(self, number: Number, bound: Number) -> bool {
        match self {
            Comparison::Equal => number == bound,
            Comparison::Less => number < bound,
            Comparison::LessOrEqual => number <= bound,
            Comparison::Greater => number > bound,
            Comparison::GreaterOrEqual => number >= bound,
        }
    }
}

/// What a policy sees of an attribute: the one value, or every element of a `String.Array`. A `Binary`
/// attribute, a `String.Array` that is no JSON array and a `Number` that is no number have no values that a
/// policy could match.
fn scalars(attribute: &Attribute) -> Vec<Scalar> {
    let Value::Text(text) = &attribute.value else { return Vec::new() };
    match attribute.data_type.as_str() {
        "String.Array" => match serde_json::from_str::<Vec<Json>>(text) {
            Ok(elements) => elements.iter().filter_map(element).collect(),
            Err(_) => Vec::new(),
        },
        kind if kind == "Number" || kind.starts_with("Number.") => {
            Number::parse(text).map(Scalar::Number).into_iter().collect()
        }
        _ => vec![Scalar::Text(text.clone())],
    }
}

/// An element of a `String.Array`; nested arrays and objects match nothing.
fn element(json: &Json) -> Option<Scalar> {
    match json {
        Json::Number(number) => Number::parse(&number.to_string()).map(Scalar::Number),
        other => scalar(other).ok(),
    }
}
