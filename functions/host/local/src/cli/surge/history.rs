//! What clients were told: one line of JSON for each request, without anything of a donor's.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::Context;
use serde::{Deserialize, Serialize};

/// The outcome of one request, after all its repetitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Line {
    /// Its idempotency key.
    pub(crate) key: String,
    /// The status of the final answer; 0 where none came.
    pub(crate) status: u16,
    /// The donation that the answer names.
    pub(crate) donation_id: Option<String>,
    /// From the moment it was due to the final answer, in microseconds.
    pub(crate) latency_us: u64,
    /// How many times it was sent.
    pub(crate) sends: u32,
}

/// Writes a history.
pub(crate) struct Writer(BufWriter<File>);

impl Writer {
    /// Creates the file, before anything is sent that would be missing from it.
    pub(crate) fn create(path: &Path) -> anyhow::Result<Self> {
        let file = File::create(path).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Self(BufWriter::new(file)))
    }

    pub(crate) fn write(&mut self, lines: &[Line]) -> std::io::Result<()> {
        for line in lines {
            serde_json::to_writer(&mut self.0, line)?;
            self.0.write_all(b"\n")?;
        }
        self.0.flush()
    }
}

/// Reads a history.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Line>> {
    let file = File::open(path).with_context(|| format!("{} cannot be read", path.display()))?;
    let lines = BufReader::new(file).lines().enumerate().map(|(number, line)| {
        let place = || format!("{}, line {}", path.display(), number + 1);
        serde_json::from_str(&line.with_context(place)?).with_context(place)
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_history_is_read_as_it_was_written_and_a_torn_one_is_refused_by_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.jsonl");
        let line = Line { key: "k".repeat(16), status: 202, donation_id: None, latency_us: 1, sends: 2 };
        Writer::create(&path).unwrap().write(&[line.clone(), line.clone()]).unwrap();
        assert_eq!(read(&path).unwrap(), [line.clone(), line]);

        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, &text[..text.len() - 5]).unwrap();
        assert!(format!("{:#}", read(&path).unwrap_err()).contains("line 2"));
    }
}
