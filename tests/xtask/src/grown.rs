//! Grown mutants: cargo-mutants changes `domain` and `app` in every small way that it knows, one at a time, and the
//! tests have to notice. Those that live, and why, are in `tests/MUTANTS.md`; `.cargo/mutants.toml` says how they are
//! tested.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::checks::root;
use crate::mutants::copy;
use crate::tools::cargo_tool;

/// The version of cargo-mutants that the list of survivors was made with.
const CARGO_MUTANTS: &str = "27.1.0";
/// So many in a hundred mutants have to be noticed.
const PERCENT_MIN: usize = 90;

/// Files of a package, and whose tests judge a mutant of them, the fewest that know the code: a first round by those
/// that are quick, and a second by all of them, of what lives after the first.
struct Part {
    files: &'static [&'static str],
    rounds: &'static [Judges],
}

/// The tests of these packages, but for those whose names hold one of these words.
struct Judges {
    packages: &'static [&'static str],
    without: &'static [&'static str],
}

const fn all(packages: &'static [&'static str]) -> Judges {
    Judges { packages, without: &[] }
}

const DOMAIN: &[Part] = &[Part {
    files: &["*.rs"],
    // What tries every sequence takes a minute, and the tables beside it a moment.
    rounds: &[Judges { packages: &["domain"], without: SLOW }, all(&["domain"])],
}];

const SLOW: &[&str] = &[
    "exploration",
    "orders",
    "laws",
    "no_window_holds_more_starts",
    "clocks_that_differ_by_minutes",
    "a_card_tester_is_stopped",
    "exactly_when_charity_and_key_are_the_same",
];

/// `app` has few tests of its own: each use case is tested by the function that it is for.
const APP: &[Part] = &[
    Part { files: &["accept_donation.rs"], rounds: &[all(&["accept-donation"])] },
    Part { files: &["show_donation.rs", "capability.rs"], rounds: &[all(&["show-donation"])] },
    Part { files: &["receive_webhook.rs"], rounds: &[all(&["receive-webhook"])] },
    Part {
        files: &["take_payment.rs", "listing.rs", "connectors.rs", "marks.rs", "screening.rs"],
        rounds: TAKE_PAYMENT,
    },
    Part { files: &["**/metered/mod.rs", "**/metered/lane.rs"], rounds: TAKE_PAYMENT },
    Part {
        files: &["**/metered/slots.rs", "**/screening/*.rs"],
        rounds: &[all(&["app"]), all(&["app", "take-payment"])],
    },
    Part {
        files: &["apply_notification.rs", "reconcile_payments.rs", "follow_payment.rs"],
        rounds: &[all(&["apply-notification", "reconcile-payments"])],
    },
    Part {
        files: &["refund_payment.rs", "request_refund.rs"],
        rounds: &[all(&["refund-payment", "request-refund"])],
    },
    Part {
        files: &["resolve_review.rs", "resume_donations.rs"],
        rounds: &[all(&["resolve-review", "resume-donations"])],
    },
    Part {
        files: &["post_journal_entry.rs", "send_receipt.rs"],
        rounds: &[all(&["post-journal-entry", "send-receipt"])],
    },
    Part {
        files: &["stored_donation.rs", "work.rs", "**/ports/*.rs"],
        rounds: &[all(&["app", "take-payment", "apply-notification", "refund-payment"])],
    },
];

const TAKE_PAYMENT: &[Judges] = &[
    Judges {
        packages: &["app", "take-payment"],
        without: &["ten_thousand_tries", "ten_environments_together"],
    },
    all(&["app", "take-payment"]),
];

/// What became of each mutant, by its name, in cargo-mutants' own words.
type Fates = BTreeMap<String, String>;

const LIVES: &str = "MissedMutant";

/// How many mutants fared how.
#[derive(Debug, PartialEq, Eq)]
struct Outcomes {
    noticed: usize,
    timeout: usize,
    live: usize,
    unviable: usize,
}

impl Outcomes {
    fn of(fates: &Fates) -> Self {
        let count = |word| fates.values().filter(|fate| *fate == word).count();
        Self {
            noticed: count("CaughtMutant"),
            timeout: count("Timeout"),
            live: count(LIVES),
            unviable: count("Unviable"),
        }
    }

    /// Whether enough of those that compile were noticed. A test that never ends notices, too.
    const fn is_enough(&self) -> bool {
        let noticed = self.noticed + self.timeout;
        noticed > 0 && noticed * 100 >= PERCENT_MIN * (noticed + self.live)
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
    let ground = Ground {
        program: cargo_tool("mutants", CARGO_MUTANTS)?,
        // A copy, which is there to be changed, and keeps what was built of it.
        tree: root().join("target/mutants/grown"),
    };
    copy(&ground.tree)?;
    let mut is_ok = true;
    for (package, parts) in packages {
        let mut fates = Fates::new();
        for (number, part) in parts.iter().enumerate() {
            let output = root().join(format!("target/mutants/{package}-{number}"));
            fates.extend(ground.judge(package, part, &options, &output)?);
        }
        let outcomes = Outcomes::of(&fates);
        let Outcomes { noticed, timeout, live, unviable } = outcomes;
        println!(
            "{package}: {noticed} noticed, {timeout} never ended, {live} live, {unviable} do not compile"
        );
        is_ok &= outcomes.is_enough();
    }
    Ok(is_ok)
}

/// Where mutants grow, and what grows them.
struct Ground {
    program: PathBuf,
    tree: PathBuf,
}

impl Ground {
    /// Grows the mutants of a part that the options choose, and for each further round those that still live.
    fn judge(&self, package: &str, part: &Part, options: &[String], output: &Path) -> Result<Fates> {
        let mut fates = Fates::new();
        let mut chosen = options.to_vec();
        for (number, judges) in part.rounds.iter().enumerate() {
            let output = output.join(number.to_string());
            let mut command = Command::new(&self.program);
            command.args(["mutants", "--in-place", "--no-shuffle", "--package", package]);
            command.args(part.files.iter().map(|file| format!("--file={file}")));
            command.args(judges.packages.iter().map(|package| format!("--test-package={package}")));
            command.arg("--output").arg(&output).args(&chosen);
            command.args(["--", "--"]).args(judges.without.iter().flat_map(|name| ["--skip", *name]));
            // cargo-mutants grows fields that are left out whatever is chosen: a round may tell of some once more.
            fates.extend(self.grow(&mut command, &output)?);
            chosen = fates.iter().filter(|(_, fate)| *fate == LIVES).map(|(name, _)| only(name)).collect();
            if chosen.is_empty() {
                break;
            }
        }
        Ok(fates)
    }

    fn grow(&self, command: &mut Command, output: &Path) -> Result<Fates> {
        fs::create_dir_all(output)?;
        let status = command
            .current_dir(&self.tree)
            .env("CARGO_TARGET_DIR", root().join("target/mutants/build"))
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            // Whether a law is broken counts, and not the smallest example of how.
            .env("PROPTEST_MAX_SHRINK_ITERS", "0")
            .status()?;
        // 2: some live. 3: some tests never ended. Anything else is no verdict about the tests.
        ensure!(matches!(status.code(), Some(0 | 2 | 3)), "cargo-mutants came to no verdict: {status}");
        let path = output.join("mutants.out/outcomes.json");
        match fs::read_to_string(&path) {
            // The options chose no mutant of these files.
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Fates::new()),
            read => fates_in(&read.with_context(|| format!("{} cannot be read", path.display()))?),
        }
    }
}

/// What cargo-mutants tells in its `outcomes.json` of each mutant.
fn fates_in(told: &str) -> Result<Fates> {
    let told: Value = serde_json::from_str(told)?;
    let outcomes = told["outcomes"].as_array().context("cargo-mutants told its outcomes in another form")?;
    // What is no mutant is the tree before any is grown.
    let fate = |one: &Value| {
        let name = one["scenario"]["Mutant"]["name"].as_str()?;
        Some((name.to_owned(), one["summary"].as_str()?.to_owned()))
    };
    Ok(outcomes.iter().filter_map(fate).collect())
}

/// The option that chooses the mutant of this name.
fn only(name: &str) -> String {
    let plain = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => letter.to_string(),
        _ => format!(r"\x{{{:x}}}", u32::from(letter)),
    };
    format!("--re=^{}$", name.chars().map(plain).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nine_in_ten_of_those_that_compile_are_enough_and_none_is_not() {
        let of = |noticed, timeout, live| Outcomes { noticed, timeout, live, unviable: 50 };
        assert!(of(9, 0, 1).is_enough() && of(8, 1, 1).is_enough() && of(1, 0, 0).is_enough());
        assert!(!of(89, 0, 11).is_enough() && !of(0, 0, 0).is_enough());
    }

    #[test]
    fn a_mutant_is_counted_once_by_what_the_last_round_said_of_it() {
        let round = |fates: &[(&str, &str)]| {
            let told = fates.iter().map(|(name, fate)| {
                serde_json::json!({ "scenario": { "Mutant": { "name": name } }, "summary": fate })
            });
            let baseline = serde_json::json!({ "scenario": "Baseline", "summary": "Success" });
            let outcomes: Vec<Value> = told.chain([baseline]).collect();
            fates_in(&serde_json::json!({ "outcomes": outcomes }).to_string()).unwrap()
        };
        let mut fates = round(&[("a", LIVES), ("b", LIVES), ("c", "CaughtMutant"), ("d", "Unviable")]);
        fates.extend(round(&[("a", "CaughtMutant"), ("b", "Timeout"), ("c", "CaughtMutant")]));
        assert_eq!(Outcomes::of(&fates), Outcomes { noticed: 2, timeout: 1, live: 0, unviable: 1 });
        assert!(fates_in("{}").is_err());
    }

    #[test]
    fn a_mutant_is_chosen_by_its_name_whatever_stands_in_it() {
        assert_eq!(
            only("9: replace < with <="),
            r"--re=^9\x{3a}\x{20}replace\x{20}\x{3c}\x{20}with\x{20}\x{3c}\x{3d}$"
        );
    }

    #[test]
    fn every_file_of_app_has_tests_that_judge_its_mutants() {
        let source = root().join("functions/app/src");
        let named: Vec<_> = APP.iter().flat_map(|part| part.files).copied().collect();
        let is_named = |file: &str| named.contains(&file);
        for path in files_under(&source) {
            let inside = path.strip_prefix(&source).unwrap().to_str().unwrap();
            let is_judged = match inside.split_once('/') {
                Some((folder, _)) => {
                    is_named(&format!("**/{folder}/*.rs")) || is_named(&format!("**/{inside}"))
                }
                None => inside == "lib.rs" || is_named(inside),
            };
            assert!(is_judged, "{inside}");
        }
        for file in named.iter().filter(|file| !file.ends_with("*.rs")) {
            assert!(source.join(file.trim_start_matches("**/")).is_file(), "{file} is no more");
        }
    }

    fn files_under(folder: &Path) -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.flat_map(|path| if path.is_dir() { files_under(&path) } else { vec![path] }).collect()
    }
}
