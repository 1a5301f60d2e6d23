//! hledger: the machine's own, or the distribution's package.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use rust_decimal::Decimal;

use super::process::{Ended, run};
use super::{ToolFault, apt, place};
use crate::books::{Appeals, Balances, Books, Posted};
use crate::findings::{Findings, Part};

/// The first version that prints balances with the commodity in a column of its own.
const VERSION_MIN: (u32, u32) = (1, 25);

/// The largest export takes a tenth of this.
const SECONDS: u64 = 120;

const REMEDY: &str = "install hledger 1.25 or later";

/// A hledger that runs here.
#[derive(Debug)]
pub(crate) struct Hledger {
    program: PathBuf,
    /// Folders of libraries that were unpacked with it; empty for the machine's own.
    libraries: OsString,
    /// What `hledger --version` says.
    pub(crate) version: String,
}

impl Hledger {
    /// The one on PATH, or the one that was fetched before, or one fetched now.
    pub(super) fn find(folder: &Path) -> Result<Self, ToolFault> {
        if let Ok(own) = Self::of(PathBuf::from("hledger"), OsString::new()) {
            return Ok(own);
        }
        if let Ok(fetched) = Self::unpacked(folder) {
            return Ok(fetched);
        }
        let fetched = Self::fetch(folder).and_then(|()| Self::unpacked(folder));
        fetched.map_err(|fault| ToolFault::Missing {
            tool: "hledger",
            remedy: REMEDY,
            source: Box::new(fault),
        })
    }

    /// Unpacks beside the place and moves there, so that what is in the place is always whole.
    fn fetch(folder: &Path) -> Result<(), ToolFault> {
        let new = folder.with_extension("new");
        place::remove(&new)?;
        apt::unpack("hledger", &new)?;
        place::remove(folder)?;
        fs::rename(&new, folder).map_err(|source| ToolFault::Place { path: folder.to_owned(), source })
    }

    fn unpacked(folder: &Path) -> Result<Self, ToolFault> {
        let mut libraries = Vec::new();
        for above in ["usr/lib", "lib"] {
            let folders = place::entries(&folder.join(above))?;
            libraries.extend(folders.into_iter().filter(|path| path.to_string_lossy().contains("linux-gnu")));
        }
        let libraries = std::env::join_paths(libraries).unwrap_or_default();
        Self::of(folder.join("usr/bin/hledger"), libraries)
    }

    fn of(program: PathBuf, libraries: OsString) -> Result<Self, ToolFault> {
        let mut found = Self { program, libraries, version: String::new() };
        let version = run(found.command().arg("--version"), 20)?.ok()?;
        version.trim_end().clone_into(&mut found.version);
        if version_of(&version).is_some_and(|version| version >= VERSION_MIN) {
            return Ok(found);
        }
        Err(ToolFault::Unreadable {
            program: "hledger".to_owned(),
            rule: format!("its version is {version:?}"),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        // A person's own settings must not change a verdict.
        command.env("HOME", std::env::temp_dir()).env_remove("XDG_CONFIG_HOME");
        if !self.libraries.is_empty() {
            command.env("LD_LIBRARY_PATH", &self.libraries);
        }
        command
    }

    fn run(&self, journal: &Path, arguments: &[&str]) -> Result<Ended, ToolFault> {
        run(self.command().current_dir(std::env::temp_dir()).arg("-f").arg(journal).args(arguments), SECONDS)
    }

    /// Judges a journal and reads it; `None` when hledger could not. Its complaints are findings.
    pub(crate) fn read(&self, journal: &Path, findings: &mut Findings) -> Result<Option<Books>, ToolFault> {
        let verdict = self.run(journal, &["check", "--strict"])?;
        if !verdict.is_ok {
            findings.add(Part::Hledger, format!("hledger check --strict: {}", verdict.said));
        }
        // What it holds is worth knowing even when an assertion fails.
        let bare = [
            "balance",
            "--flat",
            "--empty",
            "--no-total",
            "--layout=bare",
            "--ignore-assertions",
            "-O",
            "csv",
        ];
        let balances = self.run(journal, &bare)?;
        let postings = self.run(journal, &["print", "--ignore-assertions", "-O", "csv"])?;
        for (command, ended) in [("balance", &balances), ("print", &postings)] {
            if !ended.is_ok {
                findings.add(Part::Hledger, format!("hledger {command}: {}", ended.said));
                return Ok(None);
            }
        }
        Ok(Some(Books {
            appeals: Appeals::new(),
            balances: read_balances(&balances.output)?,
            postings: read_postings(&postings.output)?,
        }))
    }
}

fn version_of(text: &str) -> Option<(u32, u32)> {
    let number = text.strip_prefix("hledger ")?.split([',', ' ', '-']).next()?;
    let mut parts = number.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

fn unreadable(rule: impl std::fmt::Display) -> ToolFault {
    ToolFault::Unreadable { program: "hledger".to_owned(), rule: rule.to_string() }
}

/// hledger's own CSV, with the columns that are asked for; it ends lines with a line feed.
fn table<const N: usize>(text: &str, columns: [&str; N]) -> Result<Vec<[String; N]>, ToolFault> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(unreadable)?.clone();
    let mut at = [0; N];
    for (place, column) in at.iter_mut().zip(columns) {
        let found = header.iter().position(|name| name == column);
        *place = found.ok_or_else(|| unreadable(format!("there is no column {column}")))?;
    }
    let row = |record: &csv::StringRecord| at.map(|place| record.get(place).unwrap_or_default().to_owned());
    reader.records().map(|record| record.map(|record| row(&record)).map_err(unreadable)).collect()
}

fn read_balances(text: &str) -> Result<Balances, ToolFault> {
    let rows = table(text, ["account", "commodity", "balance"])?;
    let to_balance = |[account, currency, balance]: [String; 3]| Ok(((account, currency), amount(&balance)?));
    rows.into_iter().map(to_balance).collect()
}

fn read_postings(text: &str) -> Result<Vec<Posted>, ToolFault> {
    let rows = table(text, ["code", "date", "account", "commodity", "amount"])?;
    let mut postings = Vec::with_capacity(rows.len());
    for [entry, date, account, currency, text] in rows {
        let amount = amount(&text)?;
        // Assertions are postings of nothing in an entry without a code.
        if !entry.is_empty() || !amount.is_zero() {
            postings.push(Posted { entry, date, account, currency, amount });
        }
    }
    Ok(postings)
}

fn amount(text: &str) -> Result<Decimal, ToolFault> {
    Decimal::from_str_exact(text).map_err(|error| unreadable(format!("{text:?} is not a number: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_read() {
        assert_eq!(version_of("hledger 1.25, linux-x86_64"), Some((1, 25)));
        assert_eq!(version_of("hledger 1.40.1, mac-aarch64\n"), Some((1, 40)));
        assert_eq!(version_of("something else"), None);
    }
}
