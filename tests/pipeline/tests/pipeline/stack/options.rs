//! What a stack is started with.

use std::path::PathBuf;

use serde_json::Value;

use super::topology;

/// Options of `outpour up` and what surrounds it.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) topology: Value,
    pub(crate) set: Vec<(String, String)>,
    pub(crate) bootstrap: Option<PathBuf>,
    pub(crate) secrets: Option<Value>,
    pub(crate) file_kilobytes_max: Option<u64>,
    pub(crate) log: &'static str,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            topology: topology::quick(),
            set: Vec::new(),
            bootstrap: None,
            secrets: None,
            file_kilobytes_max: None,
            log: "info,dynoxide=error",
        }
    }
}

impl Options {
    /// With `--set KEY=VALUE`.
    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.set.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With the functions run through this program instead of the binary itself.
    pub(crate) fn bootstrap(mut self, program: impl Into<PathBuf>) -> Self {
        self.bootstrap = Some(program.into());
        self
    }

    /// With these secrets instead of fresh ones.
    pub(crate) fn secrets(mut self, secrets: Value) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// With more or less in the host's own log.
    pub(crate) fn log(mut self, filter: &'static str) -> Self {
        self.log = filter;
        self
    }

    /// On a disk where no file grows beyond this, which a program meets as it meets a full one: the write
    /// fails.
    pub(crate) fn file_kilobytes_max(mut self, kilobytes: Option<u64>) -> Self {
        self.file_kilobytes_max = kilobytes;
        self
    }
}
