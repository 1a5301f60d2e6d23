//! beancount: from the Python package index, in a virtual environment of its own and in pinned versions.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use rust_decimal::Decimal;
use serde::Deserialize;

use super::process::run;
use super::{ToolFault, place};
use crate::books::{Appeals, Balances, Books, Posted};
use crate::findings::{Findings, Part};

/// The versions; what is installed remembers which it was made from.
const REQUIREMENTS: &str = include_str!("../../requirements.txt");

/// Prints what beancount reads in a journal.
const READ: &str = include_str!("read_beancount.py");

/// The largest export takes a fifth of this.
const SECONDS: u64 = 120;

const REMEDY: &str = "install Python 3.10 or later with its venv module, and let pip reach the package index";

/// A beancount that runs here.
#[derive(Debug)]
pub(crate) struct Beancount {
    folder: PathBuf,
    /// What `bean-check --version` says.
    pub(crate) version: String,
}

/// What the reading script prints.
#[derive(Debug, Deserialize)]
struct Printed {
    /// Account, currency, number.
    balances: Vec<(String, String, String)>,
    /// Entry id, date, account, currency, number.
    postings: Vec<(String, String, String, String, String)>,
    appeals: Appeals,
}

impl Beancount {
    /// The one that was installed before, when it still runs and is of these versions; or one installed now.
    pub(super) fn find(folder: &Path) -> Result<Self, ToolFault> {
        let mark = folder.join("installed-from.txt");
        let is_current = match fs::read_to_string(&mark) {
            Ok(text) => text == REQUIREMENTS,
            Err(source) if source.kind() == io::ErrorKind::NotFound => false,
            Err(source) => return Err(ToolFault::Place { path: mark, source }),
        };
        if is_current && let Ok(found) = Self::of(folder) {
            return Ok(found);
        }
        let installed = Self::install(folder, &mark).and_then(|()| Self::of(folder));
        installed.map_err(|fault| ToolFault::Missing {
            tool: "beancount",
            remedy: REMEDY,
            source: Box::new(fault),
        })
    }

    /// Installs from nothing. The mark is written last: without it the rest does not count.
    fn install(folder: &Path, mark: &Path) -> Result<(), ToolFault> {
        place::remove(folder)?;
        place::create(folder)?;
        run(Command::new("python3").args(["-m", "venv"]).arg(folder), 120)?.ok()?;
        let requirements = folder.join("requirements.txt");
        let write = |path: &Path| {
            let failed = |source| ToolFault::Place { path: path.to_owned(), source };
            fs::write(path, REQUIREMENTS).map_err(failed)
        };
        write(&requirements)?;
        let mut pip = Command::new(folder.join("bin/python"));
        pip.args(["-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check"]);
        pip.args(["--only-binary", ":all:", "--requirement"]).arg(&requirements);
        run(&mut pip, 300)?.ok()?;
        write(mark)
    }

    fn of(folder: &Path) -> Result<Self, ToolFault> {
        let version = run(Command::new(folder.join("bin/bean-check")).arg("--version"), 60)?.ok()?;
        Ok(Self { folder: folder.to_owned(), version: version.trim().to_owned() })
    }

    /// Judges a journal and reads it; `None` when beancount could not. Its complaints are findings.
    pub(crate) fn read(&self, journal: &Path, findings: &mut Findings) -> Result<Option<Books>, ToolFault> {
        let mut check = Command::new(self.folder.join("bin/bean-check"));
        let verdict = run(check.arg("--no-cache").arg(journal), SECONDS)?;
        if !verdict.is_ok {
            findings.add(Part::Beancount, format!("bean-check: {}", verdict.said));
        }
        let mut read = Command::new(self.folder.join("bin/python"));
        let printed = run(read.args(["-I", "-c", READ]).arg(journal), SECONDS)?;
        if !printed.is_ok && !verdict.is_ok {
            return Ok(None);
        }
        let printed: Printed = serde_json::from_str(&printed.ok()?).map_err(unreadable)?;
        let mut books = Books {
            balances: Balances::new(),
            postings: Vec::with_capacity(printed.postings.len()),
            appeals: printed.appeals,
        };
        for (account, currency, number) in printed.balances {
            books.balances.insert((account, currency), amount(&number)?);
        }
        for (entry, date, account, currency, number) in printed.postings {
            books.postings.push(Posted { entry, date, account, currency, amount: amount(&number)? });
        }
        Ok(Some(books))
    }
}

fn unreadable(rule: impl std::fmt::Display) -> ToolFault {
    ToolFault::Unreadable { program: "beancount".to_owned(), rule: rule.to_string() }
}

fn amount(text: &str) -> Result<Decimal, ToolFault> {
    Decimal::from_str_exact(text).map_err(|error| unreadable(format!("{text:?} is not a number: {error}")))
}
