//! Which package may depend on which, as data, compared with what Cargo sees.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

const FUNCTIONS: [&str; 13] = [
    "accept-donation",
    "show-donation",
    "take-payment",
    "receive-webhook",
    "apply-notification",
    "refund-payment",
    "request-refund",
    "resolve-review",
    "reconcile-payments",
    "post-journal-entry",
    "send-receipt",
    "resume-donations",
    "export-ledger",
];

/// The packages of ours that each package may link.
fn allowed() -> BTreeMap<&'static str, Vec<&'static str>> {
    let mut allowed = BTreeMap::from([
        ("domain", vec![]),
        ("contracts", vec!["domain"]),
        ("app", vec!["contracts", "domain"]),
        ("kit", vec!["contracts"]),
        ("adapters-aws", vec!["app", "contracts", "domain"]),
        ("adapters-memory", vec!["app", "contracts", "domain"]),
        ("adapters-providers", vec!["app", "contracts", "domain"]),
        ("queue-model", vec![]),
        ("aws-local", vec!["contracts", "queue-model"]),
        ("sandbox", vec![]),
        ("host-local", vec!["aws-local", "contracts", "domain", "queue-model", "sandbox"]),
    ]);
    for function in FUNCTIONS {
        allowed.insert(function, vec!["app", "contracts", "domain", "kit"]);
    }
    let mut lambda = vec!["adapters-aws", "adapters-providers", "app", "domain", "kit"];
    lambda.extend(FUNCTIONS);
    allowed.insert("host-lambda", lambda);
    allowed
}

/// Outside crates that a package must never link, however useful.
const BANNED: [(&str, &[&str]); 5] = [
    ("domain", &["serde", "serde_json", "tokio", "tracing", "jiff", "rand", "reqwest", "uuid"]),
    ("app", &["serde", "serde_json", "reqwest", "tokio", "lambda_runtime", "aws_lambda_events"]),
    ("adapters-aws", &["reqwest", "lambda_runtime", "aws_lambda_events"]),
    ("adapters-memory", &["tokio", "reqwest", "hyper"]),
    ("host-local", &["lambda_runtime", "aws-sdk-dynamodb"]),
];

fn packages() -> Vec<Package> {
    let metadata = MetadataCommand::new().no_deps().exec().expect("cargo metadata runs in this workspace");
    metadata.packages
}

fn linked(package: &Package) -> BTreeSet<&str> {
    let is_linked = |kind| kind != DependencyKind::Development;
    package.dependencies.iter().filter(|dep| is_linked(dep.kind)).map(|dep| dep.name.as_str()).collect()
}

#[test]
fn packages_depend_along_the_arrows_only() {
    let packages = packages();
    let ours: BTreeSet<&str> = packages.iter().map(|package| package.name.as_str()).collect();
    let allowed = allowed();
    let mut wrong = Vec::new();
    for package in &packages {
        let name = package.name.as_str();
        let is_test = package.manifest_path.as_str().contains("/tests/");
        if is_test {
            continue;
        }
        let Some(may) = allowed.get(name) else {
            wrong.push(format!("{name} has no row in the table of arrows"));
            continue;
        };
        wrong.extend(
            linked(package)
                .into_iter()
                .filter(|dep| ours.contains(dep) && !may.contains(dep))
                .map(|dep| format!("{name} must not depend on {dep}")),
        );
    }
    wrong.extend(
        allowed.keys().filter(|name| !ours.contains(*name)).map(|name| format!("{name} does not exist")),
    );
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn nothing_that_is_shipped_depends_on_a_test_package() {
    let packages = packages();
    let of_tests: BTreeSet<&str> = packages
        .iter()
        .filter(|package| package.manifest_path.as_str().contains("/tests/"))
        .map(|package| package.name.as_str())
        .collect();
    for package in packages.iter().filter(|package| !of_tests.contains(package.name.as_str())) {
        let wrong: Vec<_> = linked(package).into_iter().filter(|dep| of_tests.contains(dep)).collect();
        assert!(wrong.is_empty(), "{} depends on {wrong:?}", package.name);
    }
}

#[test]
fn each_package_keeps_clear_of_what_it_must_not_see() {
    let packages = packages();
    for (name, banned) in BANNED {
        let package =
            packages.iter().find(|package| package.name.as_str() == name).expect("the package exists");
        let wrong: Vec<_> = linked(package).into_iter().filter(|dep| banned.contains(dep)).collect();
        assert!(wrong.is_empty(), "{name} must not see {wrong:?}");
    }
}

#[test]
fn only_one_package_names_the_aws_sdk() {
    for package in packages() {
        let name = package.name.as_str();
        let sdk: Vec<_> = linked(&package).into_iter().filter(|dep| dep.starts_with("aws-sdk-")).collect();
        assert!(name == "adapters-aws" || sdk.is_empty(), "{name} names {sdk:?}");
    }
}

#[test]
fn every_package_takes_lints_and_versions_from_the_workspace() {
    for package in packages() {
        let manifest = std::fs::read_to_string(&package.manifest_path).expect("the manifest is readable");
        assert!(manifest.contains("[lints]\nworkspace = true"), "{} has no workspace lints", package.name);
        let in_dependencies = manifest.lines().skip_while(|line| !line.contains("dependencies]"));
        for line in in_dependencies.take_while(|line| !line.starts_with("[[")) {
            assert!(!line.contains("version ="), "{}: {line} belongs in the workspace's table", package.name);
        }
    }
}
