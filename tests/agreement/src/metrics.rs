//! The metrics that functions can emit, and those that `service-levels.json` promises alarms and dashboards.

use std::collections::{BTreeMap, BTreeSet};

use contracts::telemetry::{Metric, NAMESPACE};
use contracts::topology::Topology;
use serde::Deserialize;
use serde_json::Value;

use crate::files::document;

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct Promised {
    unit: String,
    dimensions: Vec<String>,
    properties: Vec<String>,
}

#[test]
fn every_metric_is_promised_as_it_is_emitted_and_none_is_promised_that_is_not() {
    let file = document("service-levels.json");
    assert_eq!(file["namespace"], NAMESPACE);
    let promised: BTreeMap<String, Promised> = serde_json::from_value(file["metrics"].clone()).unwrap();
    let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let emitted: BTreeMap<_, _> = Metric::ALL
        .into_iter()
        .map(|metric| {
            let (dimensions, properties) = (texts(metric.dimensions()), texts(metric.properties()));
            (
                metric.name().to_owned(),
                Promised { unit: metric.unit().name().to_owned(), dimensions, properties },
            )
        })
        .collect();
    assert_eq!(emitted, promised);
}

#[test]
fn every_metric_of_ours_that_an_objective_stands_on_is_emitted_by_a_function_that_there_is() {
    let file = document("service-levels.json");
    let emitted: BTreeSet<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    let metrics = file["objectives"].as_object().unwrap().values().flat_map(|objective| {
        let metrics = objective["metrics"].as_object().unwrap().values();
        metrics.filter(|metric| metric["namespace"] == NAMESPACE)
    });
    let missing: Vec<&Value> =
        metrics.filter(|metric| !emitted.contains(metric["name"].as_str().unwrap())).collect();
    assert!(missing.is_empty(), "{missing:?}");
    let topology = Topology::shipped();
    for (name, metric) in file["metrics"].as_object().unwrap() {
        let functions = metric["emitted_by"].as_array().unwrap();
        let unknown: Vec<_> =
            functions.iter().filter(|one| !topology.functions.contains_key(one.as_str().unwrap())).collect();
        assert!(!functions.is_empty() && unknown.is_empty(), "{name}: {unknown:?}");
    }
}
