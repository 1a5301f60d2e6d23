//! `rehearse`: the night of a broadcast and what can go wrong with it, at full size, on a release build.
//!
//! One data folder sees it all, one scene after the other: donors faster than the provider allows, card testers among
//! them, killed processes, an answer in twenty lost, and a provider that is dead for a day. At the end `proof --strict`
//! compares donations, ledger, provider and receipts of every scene. It takes about half an hour, and says what it saw;
//! a scene fails when a promise is broken, and none because it was slow.

mod latency;
mod stack;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::checks::root;
use latency::Latency;
use stack::Stack;

/// What the provider allows where it is limited: Stripe's limit for creating payments, in test mode and for new
/// accounts (docs.stripe.com/rate-limits).
const LIMIT: &str = "25";
/// A pace that no donation waits for.
const UNPACED: &str = "STRIPE_CALLS_PER_SECOND=1000";
/// Hours that the provider is dead for, one step of the clock each, so that the completer tries again each hour.
const OUTAGE_HOURS: u32 = 24;
/// Hours after the outage until the last of its payments can be settled. One whose first call was lost as the outage
/// ended has a key that is soon too old to be used again, and only 25 hours after that call does the provider's silence
/// prove that nothing was taken.
const PROVEN_HOURS: u32 = 26;

/// How large the scenes are.
struct Size {
    /// Seconds that 100 donors a second come for while the provider allows 25; half of that where it allows all.
    rush: u32,
    /// Tries of the card testers.
    tries: u32,
    /// Seconds that they take.
    attack: u32,
    /// Seconds of the other scenes.
    short: u32,
}

const FULL: Size = Size { rush: 120, tries: 10_000, attack: 100, short: 30 };
const QUICK: Size = Size { rush: 15, tries: 1_000, attack: 20, short: 10 };

/// A scene, and how it ended.
struct Scene {
    name: &'static str,
    is_ok: bool,
    took: Duration,
}

/// Where everything is, and what has been played.
struct Rehearsal {
    folder: PathBuf,
    size: Size,
    scenes: Vec<Scene>,
    histories: Vec<PathBuf>,
}

/// Runs every scene. Whether all of them kept their promises.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<bool> {
    let size = match arguments.next().as_deref() {
        None => FULL,
        Some("--quick") => QUICK,
        Some(other) => bail!("rehearse takes --quick or nothing, not {other}"),
    };
    build()?;
    let folder = root().join("target/rehearsal");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).context("the last rehearsal cannot be put away")?;
    }
    std::fs::create_dir_all(&folder)?;
    let mut rehearsal = Rehearsal { folder, size, scenes: Vec::new(), histories: Vec::new() };
    let unlimited = rehearsal.without_a_limit()?;
    let limited = rehearsal.with_a_limit()?;
    println!("\nuntil the answer, at 100 donors a second:");
    println!("  provider unlimited   {unlimited}");
    println!("  provider at {LIMIT}/s    {limited}");
    println!("  ratio                {}\n", limited.beside(&unlimited));
    Ok(rehearsal.report())
}

fn build() -> Result<()> {
    let cargo = ["build", "--locked", "--release", "-p", "host-local", "-p", "host-lambda", "--bins"];
    let status = Command::new("cargo").args(cargo).current_dir(root()).status()?;
    ensure!(status.success(), "the release build failed");
    Ok(())
}

impl Rehearsal {
    /// A provider that takes all that comes: how quick the answer is then, and who gets through of card testers and
    /// honest donors.
    fn without_a_limit(&mut self) -> Result<Latency> {
        let stack = Stack::up(&self.folder, &[UNPACED])?;
        let rush = (self.size.rush / 2).to_string();
        let latency = self.surge(&stack, "100 donors a second", &["--rate", "100", "--seconds", &rush])?;
        let (tries, seconds) = (self.size.tries.to_string(), self.size.attack.to_string());
        let attack =
            ["attack", "--attempts", &tries, "--sources", "5", "--seconds", &seconds, "--honest-rate", "50"];
        self.play(&stack, "card testers among 50 honest donors a second", &attack)?;
        stack.stop()?;
        Ok(latency)
    }

    /// A provider that allows 25 payments a second, and everything that is worse.
    fn with_a_limit(&mut self) -> Result<Latency> {
        let stack = Stack::up(&self.folder, &[])?;
        let (rush, short) = (self.size.rush.to_string(), self.size.short.to_string());
        let create = ["--path", "/v1/payment_intents"];
        self.play(&stack, "limit", &[&["sandbox", "fault", "429", "--above", LIMIT], &create[..]].concat())?;
        let name = "100 donors a second, provider at 25";
        let latency = self.surge(&stack, name, &["--rate", "100", "--seconds", &rush, "--settle", "1200"])?;
        let lost = ["--fault", "capture-then-reset@5", "--fault", "webhook-drop@20"];
        let lossy = [&["--rate", "20", "--seconds", &short], &lost[..]].concat();
        self.surge(&stack, "one answer in twenty and one webhook in five lost", &lossy)?;
        let killed = ["--rate", "20", "--seconds", &short, "--kills", "2"];
        self.surge(&stack, "two processes killed a second", &killed)?;
        self.play(&stack, "no limit any more", &["sandbox", "clear"])?;
        self.a_dead_day(&stack)?;
        self.play(&stack, "the provider's own account is read", &["reconcile"])?;
        let histories = self.histories.iter().map(|path| path_text(path)).collect::<Result<Vec<_>>>()?;
        let mut proof = vec!["proof", "--strict"];
        proof.extend(histories.iter().flat_map(|path| ["--history", path.as_str()]));
        self.play(&stack, "proof of no loss", &proof)?;
        stack.stop()?;
        Ok(latency)
    }

    /// The provider is dead for a day, in which donors are answered as ever.
    fn a_dead_day(&mut self, stack: &Stack) -> Result<()> {
        let lasts = format!("{OUTAGE_HOURS}h");
        self.play(stack, "the provider dies", &["sandbox", "fault", "outage", "--lasts", &lasts])?;
        let short = self.size.short.to_string();
        let donate = ["--rate", "20", "--seconds", &short, "--no-wait"];
        self.surge(stack, "donors while the provider is dead", &donate)?;
        for _ in 0..OUTAGE_HOURS + PROVEN_HOURS {
            an_hour_passes(stack)?;
        }
        self.play(stack, "everything settles after the day", &["settle", "--within", "10m"])
    }

    /// Plays a surge, whose history the proof is held to.
    fn surge(&mut self, stack: &Stack, name: &'static str, arguments: &[&str]) -> Result<Latency> {
        let history = self.folder.join(format!("surge-{}.jsonl", self.histories.len()));
        let text = path_text(&history)?;
        self.play(stack, name, &[&["surge", "--history", &text], arguments].concat())?;
        let latency = Latency::read(&history)?;
        self.histories.push(history);
        Ok(latency)
    }

    fn play(&mut self, stack: &Stack, name: &'static str, arguments: &[&str]) -> Result<()> {
        println!("\n── {name}: outpour {}", arguments.join(" "));
        let began = Instant::now();
        let is_ok = stack.outpour(arguments)?;
        self.scenes.push(Scene { name, is_ok, took: began.elapsed() });
        Ok(())
    }

    fn report(&self) -> bool {
        for Scene { name, is_ok, took } in &self.scenes {
            println!("{:>6}  {:>5} s  {name}", if *is_ok { "ok" } else { "FAILED" }, took.as_secs());
        }
        self.scenes.iter().all(|scene| scene.is_ok)
    }
}

/// The clock moves by an hour, of which the completer and the queues get a moment.
fn an_hour_passes(stack: &Stack) -> Result<()> {
    ensure!(stack.outpour(&["clock", "--advance", "1h"])?, "the clock cannot be moved");
    std::thread::sleep(Duration::from_secs(2));
    Ok(())
}

fn path_text(path: &Path) -> Result<String> {
    path.to_str().map(str::to_owned).context("the checkout's path is not text")
}
