//! The contract files, as they lie in the source tree.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// An example and its name: the file's name without folder and ending.
pub(crate) type Example = (String, Value);

/// The folder `contracts`.
pub(crate) fn contracts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts")
}

/// The text of a contract file.
pub(crate) fn text(path: &str) -> String {
    fs::read_to_string(contracts().join(path))
        .unwrap_or_else(|error| panic!("{path} cannot be read: {error}"))
}

/// A JSON or YAML contract file as a JSON value.
pub(crate) fn document(path: &str) -> Value {
    let text = text(path);
    if Path::new(path).extension().is_some_and(|ending| ending == "yaml") {
        serde_yaml_ng::from_str(&text).unwrap_or_else(|error| panic!("{path} is not YAML: {error}"))
    } else {
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path} is not JSON: {error}"))
    }
}

/// Examples of one kind, such as `http/examples/valid/problem`, in the order of their names.
pub(crate) fn examples(folder: &str) -> Vec<Example> {
    let examples: Vec<_> = names_in(folder)
        .into_iter()
        .map(|name| (name.trim_end_matches(".json").to_owned(), document(&format!("{folder}/{name}"))))
        .collect();
    assert!(!examples.is_empty(), "{folder} holds no example");
    examples
}

/// Names of the files and folders in a folder, sorted.
pub(crate) fn names_in(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(contracts().join(folder)).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The files at the top of `contracts` that are data, each described by a schema beside it.
const DATA: [&str; 2] = ["service-levels.json", "topology.json"];

/// Every file under `contracts` that holds JSON Schema, examples and sources left out.
pub(crate) fn schema_files() -> Vec<String> {
    let mut files = Vec::new();
    for folder in ["", "events/", "export/", "http/", "stored/"] {
        let is_schema = |name: &String| {
            let name = Path::new(name);
            let ends_with = |ending| name.extension().is_some_and(|extension| extension == ending);
            (ends_with("json") || ends_with("yaml")) && !DATA.iter().any(|data| name == Path::new(data))
        };
        files.extend(names_in(folder).into_iter().filter(is_schema).map(|name| format!("{folder}{name}")));
    }
    files
}
