//! What providers say, from `contracts/providers`.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The recorded payloads of one provider.
pub(crate) struct Payloads(pub(crate) &'static str);

impl Payloads {
    fn folder(&self, kind: &str) -> PathBuf {
        let providers = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../contracts/providers");
        providers.join(self.0).join(kind)
    }

    /// The names of all files of a kind, such as `answers`, without their ending, sorted.
    pub(crate) fn names(&self, kind: &str) -> Vec<String> {
        let files = fs::read_dir(self.folder(kind)).unwrap();
        let mut names: Vec<String> = files
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .map(|name| name.strip_suffix(".json").unwrap().to_owned())
            .collect();
        names.sort();
        names
    }

    /// A file's content.
    pub(crate) fn text(&self, kind: &str, name: &str) -> String {
        fs::read_to_string(self.folder(kind).join(format!("{name}.json"))).unwrap()
    }

    /// A file's content with one value, named by its path, changed.
    pub(crate) fn altered(&self, kind: &str, name: &str, path: &str, value: Value) -> String {
        let mut content: Value = serde_json::from_str(&self.text(kind, name)).unwrap();
        *content.pointer_mut(path).unwrap() = value;
        content.to_string()
    }
}
