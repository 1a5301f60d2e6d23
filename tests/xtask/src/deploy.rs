//! Putting an environment on AWS, and taking a preview away again. The CDK command line does both; what is shown
//! before anything is changed is what is then deployed, to the byte.

use std::collections::BTreeMap;
use std::fs;
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::binary::{Architecture, build};
use crate::checks::root;

const DEPLOY: &str =
    "usage: cargo xtask deploy --env NAME [--arch arm64|x86_64] [--bootstrap FILE] [--context FILE] [--yes]";
const DESTROY: &str = "usage: cargo xtask destroy --env NAME [--yes]";
/// Longest name of an environment, as in `infra-cdk/lib/deployment.ts`.
const NAME_LENGTH_MAX: usize = 20;
/// What the command gives itself, and no file of context may.
const OURS: [&str; 4] = ["architecture", "bootstrap", "env", "keep"];
/// Stands in for the binary where nothing is deployed; seen from `infra-cdk`.
const PLACEHOLDER: &str = "test/placeholder";

/// What was asked for.
#[derive(Default)]
struct Wanted {
    env: Environment,
    architecture: Architecture,
    bootstrap: Option<PathBuf>,
    context: Option<PathBuf>,
    is_confirmed: bool,
}

/// The name of an environment.
#[derive(Default)]
struct Environment(String);

impl Environment {
    fn parse(name: &str) -> Result<Self> {
        let is_inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
        ensure!(
            begins && name.len() <= NAME_LENGTH_MAX && name.bytes().all(is_inside),
            "--env {name}: must be lower-case letters, digits and hyphens, must begin with a letter and have at \
             most {NAME_LENGTH_MAX} characters"
        );
        Ok(Self(name.to_owned()))
    }

    /// Whether its data goes with it.
    fn is_preview(&self) -> bool {
        self.0 == "preview" || self.0.starts_with("preview-")
    }

    /// Where all that belongs to its deployment lies.
    fn folder(&self) -> PathBuf {
        target().join("deploy").join(&self.0)
    }
}

/// Builds, synthesises, shows what would change, asks, and deploys. False when the answer was no.
pub(crate) fn deploy(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let wanted = Wanted::read(arguments, true)?;
    let folder = wanted.env.folder();
    let given = wanted.given_context()?;
    let bootstrap = match &wanted.bootstrap {
        Some(file) => file.clone(),
        None => build(wanted.architecture)?,
    };
    let function = folder.join("function");
    wanted.architecture.install(&bootstrap, &function)?;
    let assembly = folder.join("cdk.out").display().to_string();
    let outputs = folder.join("outputs.json");
    let mut context = vec![
        format!("architecture={}", wanted.architecture.name()),
        format!("bootstrap={}", function.display()),
    ];
    context.extend(given.iter().map(|(key, value)| format!("{key}={value}")));
    synthesise(&wanted.env, &assembly, &context)?;
    cdk(&["diff", "--app", &assembly])?;
    if !wanted.confirms("deploy this")? {
        return Ok(false);
    }
    let file = outputs.display().to_string();
    cdk(&["deploy", "--app", &assembly, "--all", "--require-approval", "never", "--outputs-file", &file])?;
    say_what_is_next(&outputs)?;
    Ok(true)
}

/// Takes a preview away. False when the answer was no.
pub(crate) fn destroy(arguments: impl Iterator<Item = String>) -> Result<bool> {
    let wanted = Wanted::read(arguments, false)?;
    let Environment(name) = &wanted.env;
    ensure!(
        wanted.env.is_preview(),
        "--env {name}: only a preview is destroyed, whose name is `preview` or begins with `preview-`; all else \
         holds donations and books that must be kept, and is deleted by hand in CloudFormation if ever"
    );
    let assembly = wanted.env.folder().join("cdk.out").display().to_string();
    synthesise(&wanted.env, &assembly, &[format!("bootstrap={PLACEHOLDER}")])?;
    if !wanted.confirms("destroy all of it, its data too")? {
        return Ok(false);
    }
    cdk(&["destroy", "--app", &assembly, "--all", "--force"])?;
    Ok(true)
}

impl Wanted {
    fn read(mut arguments: impl Iterator<Item = String>, is_deployment: bool) -> Result<Self> {
        let usage = if is_deployment { DEPLOY } else { DESTROY };
        let mut wanted = Self::default();
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().with_context(|| format!("{argument} needs a value\n{usage}"));
            match argument.as_str() {
                "--env" => wanted.env = Environment::parse(&value()?)?,
                "--yes" => wanted.is_confirmed = true,
                "--arch" if is_deployment => wanted.architecture = Architecture::parse(&value()?)?,
                "--bootstrap" if is_deployment => wanted.bootstrap = Some(value()?.into()),
                "--context" if is_deployment => wanted.context = Some(value()?.into()),
                _ => bail!("{argument} is not known\n{usage}"),
            }
        }
        ensure!(!wanted.env.0.is_empty(), "--env is missing\n{usage}");
        Ok(wanted)
    }

    /// The deployment's own choices: a file with one JSON object of strings.
    fn given_context(&self) -> Result<BTreeMap<String, String>> {
        let Some(file) = &self.context else { return Ok(BTreeMap::new()) };
        let name = file.display();
        let text = fs::read_to_string(file).with_context(|| format!("--context {name} cannot be read"))?;
        let given: BTreeMap<String, String> = serde_json::from_str(&text)
            .with_context(|| format!("--context {name}: must be one JSON object of strings"))?;
        if let Some(ours) = OURS.iter().find(|key| given.contains_key(**key)) {
            bail!("--context {name}: {ours} is given by this command itself");
        }
        Ok(given)
    }

    fn confirms(&self, what: &str) -> Result<bool> {
        let Environment(name) = &self.env;
        if self.is_confirmed {
            return Ok(true);
        }
        println!("\nTo {what}, type the name of the environment, {name}:");
        let mut said = String::new();
        stdin().read_line(&mut said).context("the answer cannot be read; --yes goes without")?;
        let is_yes = said.trim() == name;
        if !is_yes {
            println!("nothing was changed");
        }
        Ok(is_yes)
    }
}

/// Writes the cloud assembly, which the steps after this one take as it is.
fn synthesise(env: &Environment, assembly: &str, context: &[String]) -> Result<()> {
    let Environment(name) = env;
    run("npm", &["ci", "--no-audit", "--no-fund"])?;
    let (mut synth, name) = (vec!["synth", "--quiet", "--output", assembly], format!("env={name}"));
    synth.extend(["-c", &name]);
    if env.is_preview() {
        synth.extend(["-c", "keep=nothing"]);
    }
    for value in context {
        synth.extend(["-c", value]);
    }
    cdk(&synth)
}

/// Runs the CDK command line of the version that `infra-cdk` pins.
fn cdk(arguments: &[&str]) -> Result<()> {
    run("npx", &[&["--no-install", "cdk"], arguments].concat())
}

/// Runs one step in `infra-cdk`; the first that fails ends the whole.
fn run(program: &str, arguments: &[&str]) -> Result<()> {
    println!("\n── {program} {}", arguments.join(" "));
    let mut command = Command::new(program);
    let status = command.args(arguments).current_dir(root().join("infra-cdk")).status();
    let status = status.with_context(|| format!("{program} cannot be started; is it installed?"))?;
    ensure!(status.success(), "`{program} {}` failed; nothing after it was done", arguments.join(" "));
    Ok(())
}

/// The stacks' outputs, and what a person has to do with them once.
fn say_what_is_next(outputs: &Path) -> Result<()> {
    let name = outputs.display();
    let text = fs::read_to_string(outputs).with_context(|| format!("{name} cannot be read"))?;
    let stacks: BTreeMap<String, BTreeMap<String, String>> =
        serde_json::from_str(&text).with_context(|| format!("{name} is not what the CDK writes"))?;
    println!("\nWhat came of it ({name}), and what is to be done once:");
    for (output, value) in stacks.values().flatten() {
        println!("{output} = {value}");
        if output.ends_with("SecretArn") {
            let command = "aws secretsmanager put-secret-value --secret-string file://FILE --secret-id";
            println!("  {command} {value}  # RUNBOOK.md, Secrets");
        } else if output.ends_with("AlarmsTopicArn") {
            println!(
                "  aws sns subscribe --topic-arn {value} --protocol email --notification-endpoint ADDRESS"
            );
        } else if output == "HttpUrl" {
            println!("  node tests/pipeline/smoke.mjs {value}  # once the secrets have their values");
        }
    }
    Ok(())
}

/// Where builds go: a relative folder is one of the repository's, where cargo is run too.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}
