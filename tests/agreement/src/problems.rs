//! `http/problems.yaml`, `http/problems.md` and `ProblemType` list the same problems.

use std::collections::{BTreeMap, BTreeSet};

use contracts::problem::{MEDIA_TYPE, Problem, ProblemType, TYPE_BASE};
use proptest::prelude::*;
use serde_json::Value;

use crate::files::{document, examples, text};
use crate::http::written_again;
use crate::schemas::{assert_valid, validator};

/// The name of each type's schema: `not-found` is `NotFound`.
fn schema_name(kind: ProblemType) -> String {
    kind.name().split('-').map(|word| word[..1].to_uppercase() + &word[1..]).collect()
}

#[test]
fn every_type_has_a_schema_with_its_status_and_title_and_no_schema_is_without_a_type() {
    let schemas = document("http/problems.yaml")["$defs"].clone();
    for kind in ProblemType::ALL {
        let properties = &schemas[schema_name(kind)]["properties"];
        assert_eq!(properties["type"]["const"], format!("{TYPE_BASE}{}", kind.name()));
        assert_eq!(properties["status"]["const"], kind.status(), "{}", kind.name());
        assert_eq!(properties["title"]["const"], kind.title(), "{}", kind.name());
    }
    assert_eq!(
        schemas.as_object().unwrap().len(),
        ProblemType::ALL.len() + 1,
        "one for each type, and `Problem`"
    );
}

#[test]
fn every_type_has_a_heading_that_says_its_status_and_no_heading_is_without_a_type() {
    let page = text("http/problems.md");
    let sections: Vec<_> =
        page.split("\n## ").skip(1).map(|section| section.split_once('\n').unwrap()).collect();
    let headings: Vec<_> = sections.iter().map(|(heading, _)| *heading).collect();
    assert_eq!(headings, ProblemType::ALL.map(ProblemType::name));
    for ((_, prose), kind) in sections.iter().zip(ProblemType::ALL) {
        assert!(prose.trim_start().starts_with(&format!("Status {}. ", kind.status())), "{}", kind.name());
        assert!(prose.contains("\n**The "), "{} does not say what its reader does", kind.name());
    }
}

#[test]
fn every_type_is_answered_somewhere_and_only_under_its_status() {
    let api = document("http/openapi.yaml");
    let mut answered: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for operation in
        api["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap().values())
    {
        for (status, response) in operation["responses"].as_object().unwrap() {
            let response = resolved(&api, response);
            let is_problem = response["content"].get(MEDIA_TYPE).is_some();
            assert_eq!(is_problem, !status.starts_with('2'), "{status}");
            if is_problem {
                for name in problem_names(&response["content"][MEDIA_TYPE]["schema"]) {
                    answered.entry(name).or_default().insert(status.clone());
                }
            }
        }
    }
    let types = ProblemType::ALL.map(|kind| (schema_name(kind), BTreeSet::from([kind.status().to_string()])));
    assert_eq!(answered, types.into());
}

fn resolved<'a>(api: &'a Value, response: &'a Value) -> &'a Value {
    match response["$ref"].as_str() {
        Some(reference) => api.pointer(reference.trim_start_matches('#')).unwrap(),
        None => response,
    }
}

fn problem_names(schema: &Value) -> Vec<String> {
    let references = match schema["oneOf"].as_array() {
        Some(several) => several.iter().collect(),
        None => vec![schema],
    };
    references
        .iter()
        .map(|schema| schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap().to_owned())
        .collect()
}

#[test]
fn there_is_an_example_of_every_type_and_it_fits_its_own_schema_alone() {
    let examples = examples("http/examples/valid/problem");
    let names: BTreeSet<_> = examples.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ProblemType::ALL.map(ProblemType::name).into());
    for kind in ProblemType::ALL {
        let schema = validator(&format!("http/problems.yaml#/$defs/{}", schema_name(kind)));
        for (name, example) in &examples {
            assert_eq!(schema.is_valid(example), name == kind.name(), "{name} as {}", kind.name());
        }
    }
}

#[test]
fn the_type_refuses_every_invalid_problem_but_a_foreign_name() {
    for (name, example) in examples("http/examples/invalid/problem") {
        let refused = serde_json::from_value::<Problem>(example).is_err();
        assert_eq!(refused, name != "type-of-somebody-else", "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_problem_that_can_be_built_fits_its_schema(
        kind in proptest::sample::select(&ProblemType::ALL[..]),
        field in "(/[a-z_]{1,12}){0,3}",
        detail in ".{1,80}",
    ) {
        let problem = serde_json::to_value(Problem::new(kind, Some(&field), detail)).unwrap();
        let schema = validator(&format!("http/problems.yaml#/$defs/{}", schema_name(kind)));
        assert_valid(&schema, kind.name(), &problem);
        prop_assert_eq!(written_again::<Problem>(kind.name(), &problem), problem);
    }
}
