//! `cargo xtask deploy` and `destroy` up to AWS: every program that they call is a stand-in which notes how it was
//! called, and fails when it is told to.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// Notes its call, leaves what the real program would leave, and fails where its call contains `$FAILS`.
const STAND_IN: &str = r#"#!/bin/sh
call="$(basename "$0") $*"
printf '%s\n' "$call" >> "$CALLS"
if [ -n "$FAILS" ]; then case "$call" in *"$FAILS"*) exit 9 ;; esac; fi
case "$call" in
  "cargo build"*) mkdir -p "$BUILT" && cp "$BINARY" "$BUILT/bootstrap" ;;
  *"cdk deploy"*)
    while [ "$1" != --outputs-file ]; do shift; done
    printf '{"outpour-stage":{"HttpUrl":"https://api.example","CapabilityKeySecretArn":"arn:of:secret"}}' > "$2" ;;
esac
"#;

/// What links for the architecture that this machine does not have.
const OTHER_LINKER: &str =
    if cfg!(target_arch = "x86_64") { "aarch64-linux-gnu-gcc" } else { "x86_64-linux-gnu-gcc" };

/// A machine without AWS.
struct Machine {
    folder: TempDir,
    /// Part of the call that fails.
    fails: &'static str,
    /// What is typed.
    says: &'static str,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let machine = Self { folder, fails: "", says: "" };
        fs::create_dir(machine.path("bin")).unwrap();
        for name in ["cargo", "npm", "npx", OTHER_LINKER] {
            let program = machine.path(&format!("bin/{name}"));
            fs::write(&program, STAND_IN).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::write(machine.path("binary"), elf(own_machine(), b"GLIBC_2.34\0")).unwrap();
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        let mut xtask = Command::new(env!("CARGO_BIN_EXE_xtask"));
        xtask.args(arguments).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        xtask.env("PATH", format!("{}:/usr/bin:/bin", self.path("bin").display()));
        xtask.env("CARGO_TARGET_DIR", self.path("target")).env("CALLS", self.path("calls"));
        xtask.env("BUILT", self.path("target").join(triple).join("deployed"));
        xtask.env("BINARY", self.path("binary")).env("FAILS", self.fails);
        let mut child = xtask.spawn().unwrap();
        // One that is refused at once has gone without listening.
        let _unheard = child.stdin.take().unwrap().write_all(self.says.as_bytes());
        child.wait_with_output().unwrap()
    }

    /// The calls so far, with the machine's folder as `~`.
    fn calls(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("calls")).unwrap_or_default();
        let home = self.folder.path().display().to_string();
        text.lines().map(|line| line.replace(&home, "~")).collect()
    }
}

/// The beginning of a program, and what it asks for.
fn elf(machine: u8, more: &[u8]) -> Vec<u8> {
    [&b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0"[..], &[machine, 0], more].concat()
}

fn own_machine() -> u8 {
    if std::env::consts::ARCH == "x86_64" { 62 } else { 183 }
}

/// Lambda's name for this machine's architecture.
fn own_architecture() -> &'static str {
    if std::env::consts::ARCH == "x86_64" { "x86_64" } else { "arm64" }
}

/// All that a deployment calls, in sequence.
fn sequence() -> Vec<String> {
    let machine = std::env::consts::ARCH;
    let architecture = own_architecture();
    vec![
        format!(
            "cargo build --locked --profile deployed -p host-lambda --target {machine}-unknown-linux-gnu"
        ),
        "npm ci --no-audit --no-fund".to_owned(),
        format!(
            "npx --no-install cdk synth --quiet --output ~/target/deploy/stage/cdk.out -c env=stage \
             -c architecture={architecture} -c bootstrap=~/target/deploy/stage/function"
        ),
        "npx --no-install cdk diff --app ~/target/deploy/stage/cdk.out".to_owned(),
        "npx --no-install cdk deploy --app ~/target/deploy/stage/cdk.out --all --require-approval never \
         --outputs-file ~/target/deploy/stage/outputs.json"
            .to_owned(),
    ]
}

fn deploying(more: &[&'static str]) -> Vec<&'static str> {
    [&["deploy", "--env", "stage", "--arch", own_architecture()], more].concat()
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(|bytes| String::from_utf8_lossy(bytes)).concat()
}

#[test]
fn a_deployment_builds_synthesises_shows_the_difference_deploys_that_and_says_what_is_next() {
    let machine = Machine { says: "stage\n", ..Machine::new() };
    let ended = machine.run(&deploying(&[]));
    assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
    assert_eq!(machine.calls(), sequence());
    let function = fs::metadata(machine.path("target/deploy/stage/function/bootstrap")).unwrap();
    assert_eq!(function.permissions().mode() & 0o777, 0o755);
    let next =
        ["HttpUrl = https://api.example", "smoke.mjs https://api.example", "--secret-id arn:of:secret"];
    for words in next {
        assert!(said(&ended).contains(words), "{words}: {}", said(&ended));
    }
}

#[test]
fn whatever_step_fails_is_the_last_and_the_whole_has_failed() {
    let steps = sequence();
    for (number, fails) in
        ["cargo build", "npm ci", "cdk synth", "cdk diff", "cdk deploy"].into_iter().enumerate()
    {
        let machine = Machine { fails, ..Machine::new() };
        let ended = machine.run(&deploying(&["--yes"]));
        assert_eq!(ended.status.code(), Some(1), "{fails}: {}", said(&ended));
        assert_eq!(machine.calls(), steps[..=number], "{fails}");
        assert!(said(&ended).contains("nothing after it was done"), "{fails}: {}", said(&ended));
    }
}

#[test]
fn nothing_is_deployed_or_destroyed_unless_the_name_is_typed() {
    for says in ["", "y\n", "production\n"] {
        let machine = Machine { says, ..Machine::new() };
        let ended = machine.run(&deploying(&[]));
        assert_eq!(ended.status.code(), Some(1), "{says}: {}", said(&ended));
        assert_eq!(machine.calls(), sequence()[..4], "{says}");
        machine.run(&["destroy", "--env", "preview"]);
        assert!(!machine.calls().iter().any(|call| call.contains("destroy")), "{says}");
    }
}

#[test]
fn an_environment_that_is_none_is_refused_with_the_rule_before_anything_is_done() {
    let long = "a-name-with-21-letter";
    for name in ["Stage", "9th", "", "a_b", "../x", "-a", long] {
        for verb in ["deploy", "destroy"] {
            let machine = Machine::new();
            let ended = machine.run(&[verb, "--env", name, "--yes"]);
            assert_eq!((ended.status.code(), machine.calls()), (Some(1), vec![]), "{name}: {}", said(&ended));
            let rule = "must be lower-case letters, digits and hyphens, must begin with a letter and have at most 20";
            assert!(said(&ended).contains(rule), "{name}: {}", said(&ended));
        }
    }
}

#[test]
fn a_command_line_that_is_not_understood_does_nothing() {
    let machine = Machine::new();
    let lines: [(&[&str], &str); 6] = [
        (&["deploy", "--yes"], "--env is missing"),
        (&["deploy", "--env"], "--env needs a value"),
        (&["deploy", "--env", "stage", "--arch", "mips"], "must be arm64 or x86_64"),
        (&["deploy", "--env", "stage", "--really"], "--really is not known"),
        (&["deploy", "--env", "stage", "--context", "/nowhere"], "--context /nowhere cannot be read"),
        (&["destroy", "--env", "preview", "--arch", "arm64"], "--arch is not known"),
    ];
    for (line, why) in lines {
        let ended = machine.run(line);
        assert_eq!((ended.status.code(), machine.calls()), (Some(1), vec![]), "{line:?}: {}", said(&ended));
        assert!(said(&ended).contains(why), "{line:?}: {}", said(&ended));
    }
}

#[test]
fn a_binary_that_would_not_start_on_lambda_is_refused() {
    let machine = Machine::new();
    let other = if own_machine() == 62 { 183 } else { 62 };
    let cases = [
        (elf(other, b""), "is not a program for Linux on"),
        (b"#!/bin/sh\n".to_vec(), "is not a program for Linux on"),
        (elf(own_machine(), b"GLIBC_2.2.5\0GLIBC_2.38\0"), "needs glibc 2.38, and Lambda has 2.34"),
    ];
    for (bytes, why) in cases {
        fs::write(machine.path("binary"), bytes).unwrap();
        let given = machine.path("binary").display().to_string();
        let ended = machine.run(&[&deploying(&["--yes", "--bootstrap"])[..], &[given.as_str()]].concat());
        assert_eq!((ended.status.code(), machine.calls()), (Some(1), vec![]), "{why}: {}", said(&ended));
        assert!(said(&ended).contains(why), "{why}: {}", said(&ended));
    }
}

#[test]
fn for_an_architecture_that_cannot_be_linked_here_it_says_what_is_needed() {
    let machine = Machine { fails: OTHER_LINKER, ..Machine::new() };
    let other = if own_architecture() == "arm64" { "x86_64" } else { "arm64" };
    let ended = machine.run(&["deploy", "--env", "stage", "--arch", other, "--yes"]);
    assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
    assert_eq!(machine.calls(), [format!("{OTHER_LINKER} --version")]);
    for words in [OTHER_LINKER, "rustup target add", "--bootstrap FILE", "--arch"] {
        assert!(said(&ended).contains(words), "{words}: {}", said(&ended));
    }
}

#[test]
fn the_deployments_own_choices_come_from_a_file_and_cannot_undo_the_commands_own() {
    let machine = Machine::new();
    let file = machine.path("context.json");
    let given = [&deploying(&["--yes", "--context"])[..], &[file.to_str().unwrap()]].concat();
    fs::write(&file, r#"{"CHARITY_NAME":"The Example Trust","domain":"give.example"}"#).unwrap();
    let ended = machine.run(&given);
    assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
    let ending = " -c CHARITY_NAME=The Example Trust -c domain=give.example";
    assert_eq!(machine.calls()[2], format!("{}{ending}", sequence()[2]));
    for (text, why) in [
        (r#"{"keep":"nothing"}"#, "keep is given by this command itself"),
        (r#"{"api_rate":{}}"#, "must be one JSON object of strings"),
    ] {
        fs::write(&file, text).unwrap();
        let ended = machine.run(&given);
        assert_eq!((ended.status.code(), machine.calls().len()), (Some(1), 5), "{}", said(&ended));
        assert!(said(&ended).contains(why), "{}", said(&ended));
    }
}

#[test]
fn only_a_preview_is_destroyed() {
    for name in ["production", "stage", "previews", "outpour"] {
        let machine = Machine::new();
        let ended = machine.run(&["destroy", "--env", name, "--yes"]);
        assert_eq!((ended.status.code(), machine.calls()), (Some(1), vec![]), "{name}: {}", said(&ended));
        assert!(said(&ended).contains("only a preview is destroyed"), "{name}: {}", said(&ended));
    }
    let machine = Machine { says: "preview-42\n", ..Machine::new() };
    let ended = machine.run(&["destroy", "--env", "preview-42"]);
    assert_eq!(ended.status.code(), Some(0), "{}", said(&ended));
    let assembly = "~/target/deploy/preview-42/cdk.out";
    let expected = [
        "npm ci --no-audit --no-fund".to_owned(),
        format!(
            "npx --no-install cdk synth --quiet --output {assembly} -c env=preview-42 -c keep=nothing \
             -c bootstrap=test/placeholder"
        ),
        format!("npx --no-install cdk destroy --app {assembly} --all --force"),
    ];
    assert_eq!(machine.calls(), expected);
}
