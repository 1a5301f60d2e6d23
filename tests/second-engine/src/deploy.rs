//! Deployment by the CDK's own command line: bootstrap, synthesis, deployment, and what came of it.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use clap::ValueEnum;
use serde_json::Value;

use crate::account::{ACCOUNT, REGION};
use crate::run::say;

/// The environment's name, and its pipeline's stack.
pub(crate) const ENVIRONMENT: &str = "preview-second";
pub(crate) const STACK: &str = "outpour-preview-second";

/// Who listens where.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Places {
    pub(crate) engine: SocketAddr,
    pub(crate) provider: SocketAddr,
}

/// What was deployed.
#[derive(Debug)]
pub(crate) struct Deployed {
    /// Where donors reach the API.
    pub(crate) api: String,
    /// The engine.
    pub(crate) engine: SocketAddr,
    outputs: Value,
}

impl Deployed {
    /// An output of the stack.
    pub(crate) fn output(&self, name: &str) -> Result<&str> {
        self.outputs[STACK][name].as_str().with_context(|| format!("the stack has no output {name}"))
    }
}

/// Deploys the pipeline's stack, and then once more, changed: where donors reach the API is known only when it is
/// there, and the host name that the engine gives out leads here only where every name below `localhost` does.
///
/// The stack of releases is left out, as the engine has no CodeDeploy, and that of alarms, as it has none over
/// calculated metrics.
pub(crate) fn deploy(
    folder: &Path,
    bootstrap: &Path,
    Places { engine, provider }: Places,
    queues_let_in: Let,
) -> Result<Deployed> {
    let binary = folder.join("bootstrap");
    fs::create_dir_all(&binary)?;
    fs::copy(bootstrap, binary.join("bootstrap"))
        .with_context(|| format!("{} is not there; build host-lambda first", bootstrap.display()))?;
    let cdk = Cdk { folder: folder.to_owned() };
    let mut context = vec![
        format!("bootstrap={}", binary.display()),
        format!("architecture={}", if cfg!(target_arch = "aarch64") { "arm64" } else { "x86_64" }),
        format!("env={ENVIRONMENT}"),
        "keep=nothing".to_owned(),
        format!("STRIPE_URL=http://{provider}"),
        format!("GOCARDLESS_URL=http://{provider}"),
    ];
    let first = cdk.synthesise("first", &context)?;
    cdk.run(&["bootstrap", &format!("aws://{ACCOUNT}/{REGION}"), "--app", &first])?;
    let mut deployed = cdk.deploy(&first, engine)?;
    let host = deployed.output("HttpUrl")?.trim_start_matches("https://");
    let id = host.split('.').next().context("the API has an id")?;
    let api = format!("https://{engine}/_aws/execute-api/{id}/$default");
    context.push(format!("PUBLIC_URL={api}"));
    let second = cdk.synthesise("second", &context)?;
    queues_let_in.change(Path::new(&second))?;
    deployed = cdk.deploy(&second, engine)?;
    deployed.api = api;
    Ok(deployed)
}

fn text(path: &Path) -> Result<&str> {
    path.to_str().with_context(|| format!("{} is not text", path.display()))
}

/// Whose messages the queues take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Let {
    /// The topic's, as the template says.
    Topic,
    /// Those of a topic that is not there.
    Another,
    /// Nobody's: they have no policy.
    Nobody,
}

impl Let {
    /// Changes the queues' policies in the template. Nothing else may be different.
    fn change(self, assembly: &Path) -> Result<()> {
        if self == Self::Topic {
            return Ok(());
        }
        let path = assembly.join(format!("{STACK}.template.json"));
        let mut template: Value = serde_json::from_str(&fs::read_to_string(&path)?)?;
        let resources = template["Resources"].as_object_mut().context("a template has resources")?;
        let is_policy = |resource: &Value| resource["Type"] == "AWS::SQS::QueuePolicy";
        ensure!(resources.values().any(is_policy), "the template has no queue policy to change");
        if self == Self::Nobody {
            resources.retain(|_, resource| !is_policy(resource));
        }
        let mut changed = 0;
        for policy in resources.values_mut().filter(|resource| is_policy(resource)) {
            let statements = &mut policy["Properties"]["PolicyDocument"]["Statement"];
            for statement in statements.as_array_mut().context("a policy has statements")? {
                if let Some(source) = statement.pointer_mut("/Condition/ArnEquals/aws:SourceArn") {
                    *source = format!("arn:aws:sns:{REGION}:{ACCOUNT}:another").into();
                    changed += 1;
                }
            }
        }
        ensure!(self == Self::Nobody || changed > 0, "no policy of a queue says whose messages it takes");
        fs::write(&path, template.to_string())?;
        Ok(())
    }
}

/// The CDK's command line, as `npm ci` installs it.
struct Cdk {
    folder: PathBuf,
}

impl Cdk {
    /// Synthesises into a folder of this name, and gives its path.
    fn synthesise(&self, name: &str, context: &[String]) -> Result<String> {
        let assembly = text(&self.folder.join(name))?.to_owned();
        let mut arguments = vec!["synth", "--quiet", "--output", &assembly];
        arguments.extend(context.iter().flat_map(|each| ["--context", each.as_str()]));
        self.run(&arguments)?;
        Ok(assembly)
    }

    fn deploy(&self, assembly: &str, engine: SocketAddr) -> Result<Deployed> {
        let outputs = self.folder.join("outputs.json");
        let how = ["--exclusively", "--require-approval", "never", "--outputs-file", text(&outputs)?];
        self.run(&[&["deploy", STACK, "--app", assembly][..], &how].concat())?;
        let outputs = serde_json::from_str(&fs::read_to_string(&outputs)?)?;
        Ok(Deployed { api: String::new(), engine, outputs })
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../infra-cdk");
        let program = package.join("node_modules/.bin/cdk");
        if !program.exists() {
            bail!("the CDK is not installed: run `npm ci` in infra-cdk");
        }
        say(&format!("cdk {}", arguments.first().unwrap_or(&"")));
        let path = self.folder.join("cdk.log");
        let log = fs::OpenOptions::new().create(true).append(true).open(&path)?;
        let ended = Command::new(program)
            .args(arguments)
            // It would ask the outside world for news and tell it about this run.
            .args(["--no-notices", "--no-version-reporting", "--ci"])
            .env("CDK_DISABLE_VERSION_CHECK", "1")
            .env("CDK_DISABLE_CLI_TELEMETRY", "true")
            .current_dir(package)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .status()?;
        ensure!(ended.success(), "cdk {} failed; see {}", arguments.join(" "), path.display());
        Ok(())
    }
}
