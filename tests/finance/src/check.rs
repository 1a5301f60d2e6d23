//! The whole check.

use std::path::Path;
use std::sync::Arc;

use crate::books::{Appeals, compare_balances, compare_postings};
use crate::files::{self, Files, FolderFault};
use crate::findings::{Findings, Part};
use crate::lines::{self, Line};
use crate::manifest::{self, Manifest};
use crate::report::Report;
use crate::tools::{ToolFault, Tools};
use crate::trial_balance::{self, TrialBalance};
use crate::{entries, excel};

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The export is not what it should be: every difference that was found.
    #[error("the export is wrong: {0}")]
    Wrong(Findings),
    /// The folder cannot be read; nothing is known about the export.
    #[error(transparent)]
    Folder(#[from] FolderFault),
    /// A tool can neither be found nor fetched, or does not end; nothing is known about the export.
    #[error("the export cannot be checked")]
    Tool(#[source] Arc<ToolFault>),
}

impl From<Arc<ToolFault>> for CheckError {
    fn from(fault: Arc<ToolFault>) -> Self {
        Self::Tool(fault)
    }
}

impl From<ToolFault> for CheckError {
    fn from(fault: ToolFault) -> Self {
        Self::Tool(Arc::new(fault))
    }
}

/// Checks a folder of exported files: the manifest and the five files that it lists, and no other.
///
/// Nothing in the folder is changed. The first call on a machine without hledger or beancount fetches them
/// (half a minute, network); every other call starts five processes, one after the other, and takes seconds.
///
/// # Errors
/// [`CheckError::Wrong`] with every difference, or a fault when the check could not be made.
pub fn check_export(folder: &Path) -> Result<Report, CheckError> {
    check_export_with(folder, Tools::get()?)
}

/// The same with tools that are kept elsewhere than in `target/tools`.
///
/// # Errors
/// As [`check_export`].
pub fn check_export_with(folder: &Path, tools: &Tools) -> Result<Report, CheckError> {
    let folder = &files::absolute(folder)?;
    let files = files::read(folder)?;
    let mut findings = Findings::default();
    let manifest = match Manifest::read(&files) {
        Ok(manifest) => manifest,
        Err(rule) => {
            findings.add(Part::Manifest, rule);
            return Err(CheckError::Wrong(findings));
        }
    };
    manifest.check_form(&mut findings);
    manifest.check_files(&files, &mut findings);
    let empty = Vec::new();
    let machine = files.get(&manifest.machine()).unwrap_or(&empty);
    let rows = lines::rows(machine, &mut findings);
    let lines = rows.as_ref().map(|rows| lines::lines(rows, &mut findings)).unwrap_or_default();
    manifest.check_rows(&manifest.machine(), lines.len(), &mut findings);
    lines::check_totals(&manifest, &lines, &mut findings);
    let people = files.get(&manifest.excel()).unwrap_or(&empty);
    let people_rows = excel::check(people, rows.as_ref(), &mut findings);
    manifest.check_rows(&manifest.excel(), people_rows.unwrap_or(0), &mut findings);
    let trial = check_trial_balance(&manifest, &files, &lines, &mut findings);
    let appeals = check_journals(tools, folder, &manifest, &lines, &trial, &mut findings)?;
    entries::check(&manifest, &lines, &appeals, &mut findings);
    if !findings.is_empty() {
        return Err(CheckError::Wrong(findings));
    }
    Ok(Report {
        entries: manifest.entries,
        lines: manifest.lines,
        manifest_sha256: files::sha256(&files[manifest::NAME]),
        balances: trial.accounts,
        hledger: tools.hledger.version.clone(),
        beancount: tools.beancount.version.clone(),
        charity: manifest.charity,
        from: manifest.from,
        to: manifest.to,
    })
}

fn check_trial_balance(
    manifest: &Manifest,
    files: &Files,
    lines: &[Line<'_>],
    findings: &mut Findings,
) -> TrialBalance {
    let bytes = files.get(manifest::TRIAL_BALANCE).map_or(&[][..], Vec::as_slice);
    let trial = trial_balance::read(bytes, findings).unwrap_or_default();
    manifest.check_rows(manifest::TRIAL_BALANCE, trial.rows, findings);
    trial.check_lines(lines, findings);
    trial.check_manifest(manifest, findings);
    trial
}

/// Lets both tools judge their journal, and compares what they read in it with the lines and the trial
/// balance. Returns the appeals that beancount read, which entries without income have nowhere else.
fn check_journals(
    tools: &Tools,
    folder: &Path,
    manifest: &Manifest,
    lines: &[Line<'_>],
    trial: &TrialBalance,
    findings: &mut Findings,
) -> Result<Appeals, CheckError> {
    let Tools { hledger, beancount } = tools;
    let lines: Vec<_> = lines.iter().map(Line::posted).collect();
    let of_hledger = hledger.read(&folder.join(manifest::HLEDGER), findings)?;
    let of_beancount = beancount.read(&folder.join(manifest::BEANCOUNT), findings)?;
    let appeals = of_beancount.as_ref().map(|books| books.appeals.clone()).unwrap_or_default();
    for (part, name, books) in
        [(Part::Hledger, manifest::HLEDGER, of_hledger), (Part::Beancount, manifest::BEANCOUNT, of_beancount)]
    {
        // A tool that could not read its journal has said so.
        let Some(books) = books else { continue };
        manifest.check_rows(name, books.entries(), findings);
        compare_postings(findings, part, &books.postings, &lines);
        compare_balances(findings, part, &books.balances, &trial.balances);
    }
    Ok(appeals)
}
