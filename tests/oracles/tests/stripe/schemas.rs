//! The schemas that `python/schemas.py` derives from the official SDK's own types, at every run.

use jsonschema::Validator;
use serde_json::{Map, Value};
use tokio::sync::OnceCell;

use crate::tools::python_script;

/// Everything that the script prints.
pub(crate) async fn derived() -> &'static Value {
    static DERIVED: OnceCell<Value> = OnceCell::const_new();
    let derive = || async { serde_json::from_str(&python_script("schemas.py", "").await).unwrap() };
    DERIVED.get_or_init(derive).await
}

/// Judges the form fields of a call such as `payment_intents.create`.
pub(crate) async fn parameters(call: &str) -> Validator {
    let schema = &derived().await["parameters"][call];
    assert!(schema.is_object(), "there is a schema for {call}");
    jsonschema::validator_for(schema).unwrap()
}

/// Judges an answer: `PaymentIntent`, `PaymentIntents` for a page of them, `Error`, and so on.
pub(crate) async fn answer(kind: &str) -> Validator {
    let answers = &derived().await["answers"];
    let mut schema = answers["schemas"][kind].clone();
    assert!(schema.is_object(), "there is a schema for {kind}");
    schema["$defs"] = answers["definitions"].clone();
    jsonschema::validator_for(&schema).unwrap()
}

/// What is wrong with a value, each with its place.
pub(crate) fn complaints(validator: &Validator, value: &Value) -> Vec<String> {
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// Form fields unfolded: `a[b]=c` becomes an object within an object. Every leaf stays the text it was.
pub(crate) fn unfolded(pairs: &[(String, String)]) -> Value {
    let mut root = Map::new();
    for (name, value) in pairs {
        let (first, rest) = name.split_once('[').unwrap_or((name, ""));
        let mut keys = vec![first];
        keys.extend(rest.trim_end_matches(']').split("][").filter(|key| !key.is_empty()));
        let last = keys.pop().unwrap();
        let mut place = &mut root;
        for key in keys {
            let inner = place.entry(key).or_insert_with(|| Value::Object(Map::new()));
            place = inner.as_object_mut().unwrap_or_else(|| panic!("{name} clashes with a single value"));
        }
        assert!(place.insert(last.to_owned(), Value::from(value.as_str())).is_none(), "{name} is sent twice");
    }
    Value::Object(root)
}
