//! One heading of the runbook, followed: its alarms are looked at, and its commands run as it gives them.

use std::time::Duration;

use super::alarm::{self, Alarm, State};
use super::seen::Mark;
use crate::stack::Stack;
use crate::stack::command::Ended;

const RUNBOOK: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../RUNBOOK.md"));
const PATIENCE: Duration = Duration::from_secs(120);

/// Who follows it.
pub(super) const YOU: (&str, &str) = ("YOU", "ada.example");
/// What they say about it.
pub(super) const TEXT: (&str, &str) = ("TEXT", "the runbook is followed");

/// A heading that is being followed.
pub(super) struct Heading {
    name: &'static str,
    section: String,
    alarms: Vec<Alarm>,
    since: Mark,
    answers: Vec<u16>,
    was_quiet: bool,
    was_raised: bool,
}

/// A heading that was followed from the quiet before to the quiet afterwards.
pub(super) struct Followed(&'static str);

impl Heading {
    /// Opens the runbook; the first period begins.
    pub(super) async fn open(stack: &Stack, name: &'static str) -> Self {
        let start = format!("### {name}\n");
        let (_, rest) = RUNBOOK.split_once(&start).unwrap_or_else(|| panic!("the runbook has no {name}"));
        let section = rest.split("\n#").next().unwrap();
        let section = section.split_whitespace().collect::<Vec<_>>().join(" ");
        let (alarms, since) = (alarm::of(name), Mark::now(stack).await);
        Self { name, section, alarms, since, answers: Vec::new(), was_quiet: false, was_raised: false }
    }

    /// Another period begins.
    pub(super) async fn turn(&mut self, stack: &Stack) {
        self.since = Mark::now(stack).await;
        self.answers.clear();
    }

    /// The API gave this answer.
    pub(super) fn met(&mut self, status: u16) {
        self.answers.push(status);
    }

    async fn state(&self, stack: &Stack) -> State {
        let mut worst = State::Silent;
        for alarm in &self.alarms {
            worst = worst.max(alarm.state(stack, &self.since, &self.answers).await);
        }
        worst
    }

    /// Waits until what is promised was measured in this period, and was kept.
    pub(super) async fn until_quiet(&mut self, stack: &Stack) {
        self.until(stack, State::Quiet).await;
        self.was_quiet = true;
    }

    /// Waits until the alarm is raised in this period.
    pub(super) async fn until_raised(&mut self, stack: &Stack) {
        assert!(self.was_quiet, "{}: raised before anything was provoked", self.name);
        self.until(stack, State::Raised).await;
        self.was_raised = true;
    }

    async fn until(&self, stack: &Stack, wanted: State) {
        let what = format!("{}: {wanted:?}", self.name);
        let look = async || (self.state(stack).await == wanted).then_some(());
        stack.until(&what, PATIENCE, look).await;
    }

    /// Does until the period that begins with it is quiet: one answer may be slow by chance.
    pub(super) async fn turn_quiet(&mut self, stack: &Stack, deed: impl AsyncFn()) {
        for _ in 0..20 {
            self.turn(stack).await;
            deed().await;
            stack
                .until(self.name, PATIENCE, async || (self.state(stack).await != State::Silent).then_some(()))
                .await;
            if self.state(stack).await == State::Quiet {
                self.was_quiet = true;
                return;
            }
        }
        panic!("{} is never quiet\n{}", self.name, stack.tail());
    }

    /// Runs a command as this heading gives it, with its words in capitals filled in.
    pub(super) async fn run(&self, stack: &Stack, command: &str, filled: &[(&str, &str)]) -> Ended {
        assert!(self.section.contains(&format!("`{command}`")), "{} does not give `{command}`", self.name);
        let mut words = command.split(' ');
        assert_eq!(words.next(), Some("outpour"));
        let fill = |word: &str| {
            let filling = filled.iter().find(|(name, _)| *name == word);
            filling.map_or_else(|| word.to_owned(), |(_, value)| (*value).to_owned())
        };
        let words: Vec<String> = words.map(fill).collect();
        stack.run_command(&words.iter().map(String::as_str).collect::<Vec<_>>()).await
    }

    /// The same, where it has to go well; gives what it says.
    pub(super) async fn well(&self, stack: &Stack, command: &str, filled: &[(&str, &str)]) -> String {
        let ended = self.run(stack, command, filled).await;
        assert_eq!(ended.code, Some(0), "{}: `{command}` {ended:?}\n{}", self.name, stack.tail());
        ended.out
    }

    /// Checks that a function has logged all of these texts in one line of this period.
    pub(super) fn assert_logged(&self, stack: &Stack, function: &str, texts: &[&str]) {
        let lines = self.since.lines(stack);
        let mut of_function = lines.iter().filter(|(by, _)| by == function).map(|(_, line)| line.to_string());
        let is_said = of_function.any(|line| texts.iter().all(|text| line.contains(text)));
        assert!(is_said, "{}: {function} does not log {texts:?}\n{}", self.name, stack.tail());
    }

    /// Waits until a function has logged all of these texts in one line of this period.
    pub(super) async fn until_logged(&self, stack: &Stack, texts: &[&str]) {
        let look = async || {
            let lines = self.since.lines(stack);
            lines.iter().any(|(_, line)| texts.iter().all(|t| line.to_string().contains(t))).then_some(())
        };
        stack.until(&format!("{texts:?}"), PATIENCE, look).await;
    }

    /// Ends it: quiet before, raised, quiet again, and the proof finds nothing once all has settled.
    pub(super) async fn mended(mut self, stack: &Stack) -> Followed {
        assert!(self.was_quiet && self.was_raised, "{} was never raised", self.name);
        self.until_quiet(stack).await;
        let settled = stack.run_command(&["settle"]).await;
        assert_eq!(settled.code, Some(0), "{}: {settled:?}\n{}", self.name, stack.tail());
        stack.assert_proven(&[]).await;
        Followed(self.name)
    }
}

/// Checks that a run followed a heading to its end.
pub(super) fn assert_followed(run: &[Followed], heading: &str) {
    assert!(run.iter().any(|followed| followed.0 == heading), "the run does not follow {heading}");
}
