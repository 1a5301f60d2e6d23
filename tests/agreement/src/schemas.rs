//! The JSON Schemas of the contract files, by reference: no copy of a schema is made anywhere.

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use crate::files::{document, schema_files};

/// Where the files pretend to lie, so that their relative references meet.
const BASE: &str = "https://contracts.invalid/";

/// Every schema file, ready to be referred to.
pub(crate) fn registry() -> Registry<'static> {
    let documents = schema_files().into_iter().map(|path| (format!("{BASE}{path}"), document(&path)));
    Registry::new().draft(Draft::Draft202012).extend(documents).unwrap().prepare().unwrap()
}

/// A validator for the schema at a reference from the folder `contracts`, such as
/// `http/openapi.yaml#/components/schemas/Problem`.
pub(crate) fn validator(reference: &str) -> Validator {
    let schema = json!({ "$ref": format!("{BASE}{reference}") });
    jsonschema::draft202012::options()
        .with_registry(&registry())
        .build(&schema)
        .unwrap_or_else(|error| panic!("{reference} is not a schema: {error}"))
}

/// Fails with every reason when the schema refuses the value.
pub(crate) fn assert_valid(validator: &Validator, name: &str, value: &Value) {
    let errors: Vec<_> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name} breaks its schema: {}", errors.join("; "));
}

/// Every `$ref` in a document, without what follows the `#`.
fn files_referred_to(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(reference) if name == "$ref" => {
                        found.push(reference.split('#').next().unwrap().to_owned());
                    }
                    _ => files_referred_to(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| files_referred_to(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_schema_file_is_itself_a_valid_schema() {
    for path in schema_files().into_iter().filter(|path| !path.ends_with("api.yaml")) {
        let schema = document(&path);
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{path}");
        jsonschema::draft202012::meta::validate(&schema).unwrap_or_else(|error| panic!("{path}: {error}"));
        validator(&path);
    }
}

#[test]
fn the_service_levels_fit_their_schema() {
    assert_valid(
        &validator("service-levels.schema.json"),
        "service-levels.json",
        &document("service-levels.json"),
    );
}

#[test]
fn every_schema_file_is_referred_to_and_every_reference_leads_somewhere() {
    // The roots: what people open first, and what a type of its own stands for.
    let types = ["budget", "donation", "entry", "marker", "notification", "reading", "tally", "work"]
        .map(|name| format!("stored/{name}.schema.json"));
    let mut reached = vec!["http/openapi.yaml".to_owned(), "events/asyncapi.yaml".to_owned()];
    reached.extend(types);
    reached.extend(["answer", "request"].map(|name| format!("export/{name}.schema.json")));
    for data in ["service-levels", "topology"] {
        let schema = format!("{data}.schema.json");
        assert_eq!(document(&format!("{data}.json"))["$schema"], format!("./{schema}"));
        reached.push(schema);
    }

    let mut next = 0;
    while next < reached.len() {
        let path = reached[next].clone();
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut references = Vec::new();
        files_referred_to(&document(&path), &mut references);
        for reference in references.into_iter().filter(|reference| !reference.is_empty()) {
            let target = match reference.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None => format!("{folder}/{}", reference.trim_start_matches("./")),
            };
            if !reached.contains(&target) {
                reached.push(target);
            }
        }
        next += 1;
    }
    reached.sort();
    let mut files = schema_files();
    files.sort();
    assert_eq!(reached, files);
}

#[test]
fn every_scalar_is_used() {
    let texts: String = schema_files().iter().map(|path| crate::files::text(path)).collect();
    for name in document("scalars.schema.json")["$defs"].as_object().unwrap().keys() {
        assert!(texts.contains(&format!("#/$defs/{name}\"")), "no schema refers to the scalar {name}");
    }
}
