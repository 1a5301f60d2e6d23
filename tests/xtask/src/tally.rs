//! Counting what test runners report.

/// Tests passed and failed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Tally {
    /// Adds what a line of a runner's output says: cargo's `test result: ok. 3 passed; 0 failed; …`, or Node's
    /// `# pass 3` and `# fail 0`.
    pub(crate) fn read(&mut self, line: &str) {
        if let Some(result) = line.trim_start().strip_prefix("test result: ") {
            let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
            for count in counts.split(';') {
                let mut words = count.split_whitespace();
                let number = words.next().and_then(|word| word.parse::<u64>().ok());
                match (number, words.next()) {
                    (Some(number), Some("passed")) => self.passed += number,
                    (Some(number), Some("failed")) => self.failed += number,
                    _ => {}
                }
            }
        } else if let Some(number) =
            line.strip_prefix("# pass ").and_then(|word| word.trim().parse::<u64>().ok())
        {
            self.passed += number;
        } else if let Some(number) =
            line.strip_prefix("# fail ").and_then(|word| word.trim().parse::<u64>().ok())
        {
            self.failed += number;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_and_node_results_are_counted() {
        let mut tally = Tally::default();
        for line in [
            "test result: ok. 12 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: FAILED. 3 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "# pass 5",
            "# fail 1",
            "test something ... ok",
        ] {
            tally.read(line);
        }
        assert_eq!(tally, Tally { passed: 20, failed: 3 });
    }
}
