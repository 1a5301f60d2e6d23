//! Rules about the workflows: what they call is there, and they are given no more than they need.

use std::fs;

use serde_yaml_ng::{Mapping, Value};

use crate::files::{root, texts};

fn workflows() -> Vec<(String, String, Value)> {
    let read = |(name, text): (String, String)| {
        let parsed = serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, text, parsed)
    };
    let found = texts(&[".yml", ".yaml"]).into_iter().filter(|(name, _)| name.starts_with(".github/"));
    let found: Vec<_> = found.map(read).collect();
    assert!(!found.is_empty(), "there is no workflow");
    found
}

/// Every job with its name and steps.
fn jobs(workflow: &Value) -> Vec<(&str, &Mapping, &Vec<Value>)> {
    let jobs = workflow["jobs"].as_mapping().expect("a workflow has jobs");
    jobs.iter()
        .map(|(name, job)| {
            let steps = job["steps"].as_sequence().expect("a job has steps");
            (name.as_str().expect("a name"), job.as_mapping().expect("fields"), steps)
        })
        .collect()
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// What keeps a command from running, if anything does.
fn wrong_with(command: &str) -> Option<String> {
    let words: Vec<&str> = command.split_whitespace().collect();
    let missing = |what: String| Some(format!("`{command}`: {what} is not there"));
    match words[..] {
        ["cargo", "xtask", verb, ref options @ ..] => {
            if !read("tests/xtask/src/main.rs").contains(&format!("Some(\"{verb}\")")) {
                return missing(format!("cargo xtask {verb}"));
            }
            let sources =
                texts(&[".rs"]).into_iter().filter(|(name, _)| name.starts_with("tests/xtask/src/"));
            let sources: String = sources.map(|(_, text)| text).collect();
            let mut options = options.iter().filter(|word| word.starts_with("--"));
            let unknown = options.find(|option| !sources.contains(&format!("\"{option}\"")));
            unknown.and_then(|option| missing(format!("the option {option}")))
        }
        ["npm", "--prefix", "infra-cdk", "run", script, ..] => {
            let scripts = read("infra-cdk/package.json");
            if scripts.contains(&format!("\"{script}\": ")) {
                None
            } else {
                missing(format!("npm run {script}"))
            }
        }
        ["node", script, ..] => {
            if root().join(script).is_file() {
                None
            } else {
                missing(script.to_owned())
            }
        }
        ["printenv", ..] => None,
        _ => missing("a rule of this test for it".to_owned()),
    }
}

#[test]
fn every_command_of_a_workflow_is_there() {
    let mut wrong = Vec::new();
    for (_, _, workflow) in workflows() {
        for (_, _, steps) in jobs(&workflow) {
            for run in steps.iter().filter_map(|step| step["run"].as_str()) {
                wrong.extend(run.lines().filter(|line| !line.is_empty()).filter_map(wrong_with));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_command_that_is_not_there_is_noticed() {
    for command in
        ["cargo xtask dploy", "cargo xtask deploy --nev stage", "npm --prefix infra-cdk run tset", "make"]
    {
        assert!(wrong_with(command).is_some(), "{command}");
    }
    for command in ["cargo xtask ci", "npm --prefix infra-cdk run synth", "node tests/pipeline/smoke.mjs URL"]
    {
        assert_eq!(wrong_with(command), None);
    }
}

#[test]
fn actions_are_pinned_by_commit_and_say_which_version_that_was() {
    for (name, text, _) in workflows() {
        for line in
            text.lines().filter_map(|line| line.trim().trim_start_matches("- ").strip_prefix("uses: "))
        {
            let (commit, version) = line
                .split_once('@')
                .and_then(|(_, pinned)| pinned.split_once(" # v"))
                .unwrap_or_else(|| panic!("{name}: {line}"));
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(is_commit && version.starts_with(|first: char| first.is_ascii_digit()), "{name}: {line}");
        }
    }
}

#[test]
fn a_workflow_holds_no_key_and_only_a_deployment_may_ask_for_one() {
    for (name, text, workflow) in workflows() {
        for word in ["secrets.", "access-key", "AWS_SECRET", "registry."] {
            assert!(!text.contains(word), "{name} has {word}");
        }
        assert_eq!(
            workflow["permissions"],
            serde_yaml_ng::from_str::<Value>("contents: read").expect("YAML")
        );
        for (job, fields, steps) in jobs(&workflow) {
            assert!(fields.contains_key("timeout-minutes"), "{name}: {job} may run for six hours");
            let deploys = steps.iter().any(|step| {
                step["uses"]
                    .as_str()
                    .is_some_and(|uses| uses.starts_with("aws-actions/configure-aws-credentials@"))
            });
            let asks = fields.get("permissions").is_some_and(|may| may["id-token"] == "write");
            assert_eq!(asks, deploys, "{name}: {job}");
            // An environment is where a role is bound to a branch, and where somebody has to approve.
            assert_eq!(fields.contains_key("environment"), deploys, "{name}: {job}");
        }
    }
}

#[test]
fn production_comes_after_staging_and_staging_after_every_check() {
    let [(_, _, deliver)] = &workflows()[..] else { panic!("there is one workflow") };
    let needs = |job: &str| deliver["jobs"][job]["needs"].clone();
    let yaml = |text: &str| serde_yaml_ng::from_str::<Value>(text).expect("YAML");
    assert_eq!((needs("staging"), needs("production")), (yaml("[check, build]"), yaml("staging")));
    assert_eq!(deliver["jobs"]["staging"]["if"], "github.event_name == 'push'");
    let steps = deliver["jobs"]["staging"]["steps"].as_sequence().expect("steps");
    let last = steps.last().and_then(|step| step["run"].as_str()).unwrap_or_default();
    assert!(last.contains("smoke.mjs"), "what was deployed to staging is tried there");
}
