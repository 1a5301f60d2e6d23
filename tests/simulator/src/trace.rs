//! What happened, as one number and, when somebody wants to read it, as lines.

use domain::time::Timestamp;

/// The history of one run. Two runs of one seed have one hash.
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    hash: u64,
    steps: u64,
    lines: Option<Vec<String>>,
}

impl Trace {
    /// An empty history, which keeps its lines where they are wanted.
    pub(crate) fn new(is_kept: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, steps: 0, lines: is_kept.then(Vec::new) }
    }

    /// Adds a step: what, to whom, and a number that tells it from its like.
    pub(crate) fn note(&mut self, now: Timestamp, what: &str, subject: &str, number: u64) {
        self.steps += 1;
        self.add(&now.as_millis().to_le_bytes());
        self.add(what.as_bytes());
        self.add(subject.as_bytes());
        self.add(&number.to_le_bytes());
        if let Some(lines) = &mut self.lines {
            lines.push(format!("{:>14} {what} {subject} {number}", now.as_millis()));
        }
    }

    /// FNV-1a (draft-eastlake-fnv), over whatever is noted.
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.hash = (self.hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }

    pub(crate) const fn hash(&self) -> u64 {
        self.hash
    }

    pub(crate) const fn steps(&self) -> u64 {
        self.steps
    }

    pub(crate) fn into_lines(self) -> Vec<String> {
        self.lines.unwrap_or_default()
    }
}
