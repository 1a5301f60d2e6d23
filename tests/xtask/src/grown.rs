//! Grown mutants: cargo-mutants changes `domain` and `app` in every small way that it knows, one at a time, and the
//! tests have to notice. Those that live, and why, are in `tests/MUTANTS.md`; `.cargo/mutants.toml` says how they are
//! tested.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::checks::root;
use crate::mutants::copy;
use crate::tools::cargo_tool;

/// The version of cargo-mutants that the list of survivors was made with.
const CARGO_MUTANTS: &str = "27.1.0";
/// So many in a hundred mutants have to be noticed.
const PERCENT_MIN: u64 = 90;

/// Files of a package, and the packages whose tests judge a mutant of them: the fewest that know the code.
struct Part {
    files: &'static [&'static str],
    judges: &'static [&'static str],
}

const DOMAIN: &[Part] = &[Part { files: &["*.rs"], judges: &["domain"] }];

/// `app` has few tests of its own: each use case is tested by the function that it is for.
const APP: &[Part] = &[
    Part { files: &["accept_donation.rs"], judges: &["accept-donation"] },
    Part { files: &["show_donation.rs", "capability.rs"], judges: &["show-donation"] },
    Part { files: &["receive_webhook.rs"], judges: &["receive-webhook"] },
    Part {
        files: &["take_payment.rs", "listing.rs", "connectors.rs", "marks.rs", "screening.rs"],
        judges: &["app", "take-payment"],
    },
    Part { files: &["**/screening/*.rs", "**/metered/*.rs"], judges: &["app", "take-payment"] },
    Part {
        files: &["apply_notification.rs", "reconcile_payments.rs", "follow_payment.rs"],
        judges: &["apply-notification", "reconcile-payments"],
    },
    Part {
        files: &["refund_payment.rs", "request_refund.rs"],
        judges: &["refund-payment", "request-refund"],
    },
    Part {
        files: &["resolve_review.rs", "resume_donations.rs"],
        judges: &["resolve-review", "resume-donations"],
    },
    Part {
        files: &["post_journal_entry.rs", "send_receipt.rs"],
        judges: &["post-journal-entry", "send-receipt"],
    },
    Part {
        files: &["stored_donation.rs", "work.rs", "**/ports/*.rs"],
        judges: &["take-payment", "apply-notification", "refund-payment"],
    },
];

/// What became of mutants, in cargo-mutants' own words.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
struct Outcomes {
    caught: u64,
    timeout: u64,
    missed: u64,
    unviable: u64,
}

impl Outcomes {
    const fn and(self, other: Self) -> Self {
        Self {
            caught: self.caught + other.caught,
            timeout: self.timeout + other.timeout,
            missed: self.missed + other.missed,
            unviable: self.unviable + other.unviable,
        }
    }

    /// Whether enough of those that compile were noticed. A test that never ends notices, too.
    const fn is_enough(self) -> bool {
        let noticed = self.caught + self.timeout;
        noticed > 0 && noticed * 100 >= PERCENT_MIN * (noticed + self.missed)
    }
}

/// Grows the mutants of one package or of both. False when too many live.
pub(crate) fn run(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let mut arguments = arguments.peekable();
    let chosen = arguments.next_if(|argument| !argument.starts_with('-'));
    let options: Vec<String> = arguments.collect();
    let all = [("domain", DOMAIN), ("app", APP)];
    let packages = match chosen.as_deref() {
        None => &all[..],
        Some("domain") => &all[..1],
        Some("app") => &all[1..],
        Some(_) => bail!("usage: cargo xtask mutants [domain|app] [OPTIONS of cargo-mutants]"),
    };
    let program = cargo_tool("mutants", CARGO_MUTANTS)?;
    let tree = root().join("target/mutants/grown");
    copy(&tree)?;
    let mut is_ok = true;
    for (package, parts) in packages {
        let mut outcomes = Outcomes::default();
        for (number, part) in parts.iter().enumerate() {
            let output = root().join(format!("target/mutants/{package}-{number}"));
            let mut command = Command::new(&program);
            // The copy is there to be changed, and keeps what was built of it.
            command.args(["mutants", "--in-place", "--no-shuffle", "--package", package]);
            command.args(part.files.iter().map(|file| format!("--file={file}")));
            command.args(part.judges.iter().map(|judge| format!("--test-package={judge}")));
            outcomes = outcomes.and(grow(command.args(&options).current_dir(&tree), &output)?);
        }
        let Outcomes { caught, timeout, missed, unviable } = outcomes;
        println!(
            "{package}: {caught} noticed, {timeout} never ended, {missed} live, {unviable} do not compile"
        );
        is_ok &= outcomes.is_enough();
    }
    Ok(is_ok)
}

fn grow(command: &mut Command, output: &Path) -> Result<Outcomes> {
    fs::create_dir_all(output)?;
    let status = command
        .arg("--output")
        .arg(output)
        .env("CARGO_TARGET_DIR", root().join("target/mutants/build"))
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .status()?;
    // 2: some live. 3: some tests never ended. Anything else is no verdict about the tests.
    ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo-mutants came to no verdict: {status}");
    let path = output.join("mutants.out/outcomes.json");
    let text = match fs::read_to_string(&path) {
        // The options chose no mutant of these files.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Outcomes::default()),
        read => read.with_context(|| format!("{} cannot be read", path.display()))?,
    };
    serde_json::from_str(&text).context("cargo-mutants told its outcomes in another form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_in_ten_of_those_that_compile_are_enough_and_none_is_not() {
        let of = |caught, timeout, missed| Outcomes { caught, timeout, missed, unviable: 50 };
        assert!(of(9, 0, 1).is_enough() && of(8, 1, 1).is_enough() && of(1, 0, 0).is_enough());
        assert!(!of(89, 0, 11).is_enough() && !of(0, 0, 0).is_enough());
        assert_eq!(
            of(1, 2, 3).and(of(1, 2, 3)),
            Outcomes { caught: 2, timeout: 4, missed: 6, unviable: 100 }
        );
    }

    #[test]
    fn every_file_of_app_has_tests_that_judge_its_mutants() {
        let source = root().join("functions/app/src");
        let named: Vec<_> = APP.iter().flat_map(|part| part.files).copied().collect();
        for entry in fs::read_dir(&source).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap().to_owned();
            let expected = if path.is_dir() { format!("**/{name}/*.rs") } else { name };
            assert!(expected == "lib.rs" || named.contains(&expected.as_str()), "{expected}");
        }
        for file in named.into_iter().filter(|file| !file.contains('*')) {
            assert!(source.join(file).is_file(), "{file} is no more");
        }
    }
}
