//! What is wrong with an export.

use std::fmt;

/// Most findings that are written out; the rest are counted.
const FINDINGS_MAX: usize = 100;

/// Most characters of a finding: a cell or a tool may say more than anybody reads.
const MESSAGE_LENGTH_MAX: usize = 600;

/// Which comparison failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The folder against the manifest's list: names, sizes, digests, rows.
    Files,
    /// The manifest's own form and totals, against the lines.
    Manifest,
    /// The machine file: its format, its entries.
    Lines,
    /// The Excel file, against the machine file.
    Excel,
    /// The trial balance, against the lines and the manifest.
    TrialBalance,
    /// hledger's verdict and figures.
    Hledger,
    /// beancount's verdict and figures.
    Beancount,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub part: Part,
    /// What, with the file, the line or the account.
    pub message: String,
}

/// Every difference that was found, in the sequence of the checks; never empty in an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    list: Vec<Finding>,
    more: usize,
}

impl Findings {
    pub(crate) fn add(&mut self, part: Part, message: impl Into<String>) {
        if self.list.len() == FINDINGS_MAX {
            self.more += 1;
            return;
        }
        let mut message = message.into();
        if let Some((end, _)) = message.char_indices().nth(MESSAGE_LENGTH_MAX) {
            message.truncate(end);
            message.push('…');
        }
        self.list.push(Finding { part, message });
    }

    /// Adds a finding when the two differ.
    pub(crate) fn compare<T: Copy + PartialEq + fmt::Display>(
        &mut self,
        part: Part,
        what: &str,
        is: T,
        should_be: T,
    ) {
        if is != should_be {
            self.add(part, format!("{what} is {is} and should be {should_be}"));
        }
    }

    /// The findings that are written out.
    pub fn iter(&self) -> impl Iterator<Item = &Finding> {
        self.list.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Whether this comparison failed.
    pub fn has(&self, part: Part) -> bool {
        self.list.iter().any(|finding| finding.part == part)
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} findings", self.list.len() + self.more)?;
        for Finding { part, message } in &self.list {
            write!(f, "\n  {part:?}: {message}")?;
        }
        if self.more > 0 {
            write!(f, "\n  and {} more", self.more)?;
        }
        Ok(())
    }
}
