//! `sandbox`: has the payment provider's sandbox do what a provider ought not to, and what banks and donors do.
//!
//! The endpoints behind it, and what they take, are described at the head of the sandbox's `control.rs` files.

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use host_local::operator::view::Health;
use serde_json::{Value, json};

use super::Verdict;
use super::client::{Client, Target};
use super::clock::span;
use super::console::say;

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxCommand {
    /// Show the faults in force
    Faults(Target),
    /// Put a fault in force, for so many requests, a share of them, or those that come too fast
    Fault(FaultArguments),
    /// End every fault
    Clear(Target),
    /// Deliver every event so far again, in another sequence
    Storm(StormArguments),
    /// Have a bank or a donor do something: what is posted to a control endpoint, such as `disputes`
    Post(PostArguments),
}

#[derive(Debug, Args)]
pub(crate) struct FaultArguments {
    #[command(flatten)]
    target: Target,
    /// What goes wrong, such as capture-then-reset, latency=500 or outage; a wrong name lists them all
    name: String,
    /// Strike the next so many requests
    #[arg(long, group = "how-often")]
    count: Option<u32>,
    /// Strike so many requests in a hundred
    #[arg(long, group = "how-often")]
    rate: Option<u8>,
    /// Strike the requests beyond so many within a second
    #[arg(long, group = "how-often")]
    above: Option<u32>,
    /// End the fault after this time: seconds, or a number with s, m, h or d; until `clear` where none is given
    #[arg(long, value_name = "TIME", value_parser = span)]
    lasts: Option<std::time::Duration>,
    /// Which requests; those that move money unless said
    #[arg(long)]
    on: Option<Requests>,
    /// Only this path; `*` is any one segment, `**` at the end any number
    #[arg(long)]
    path: Option<String>,
}

/// Which requests a fault strikes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Requests {
    Writes,
    Reads,
    All,
}

#[derive(Debug, Args)]
pub(crate) struct StormArguments {
    #[command(flatten)]
    target: Target,
    /// How often each event is delivered, 1 to 20
    #[arg(long, default_value_t = 3)]
    times: u8,
    /// Number that chooses the sequence
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct PostArguments {
    #[command(flatten)]
    target: Target,
    /// Where to, below /_sandbox/, such as payouts or gocardless/payments/PM0000000001
    endpoint: String,
    /// The JSON body
    #[arg(default_value = "{}")]
    body: String,
}

pub(crate) async fn run(command: SandboxCommand) -> anyhow::Result<Verdict> {
    let answer = match command {
        SandboxCommand::Faults(target) => {
            let sandbox = Sandbox::of(&Client::new(&target)?).await?;
            sandbox.ask(reqwest::Client::get, "faults").await?
        }
        SandboxCommand::Clear(target) => {
            let sandbox = Sandbox::of(&Client::new(&target)?).await?;
            sandbox.ask(reqwest::Client::delete, "faults").await?
        }
        SandboxCommand::Fault(fault) => {
            Sandbox::of(&Client::new(&fault.target)?).await?.post("faults", &fault.rule()).await?
        }
        SandboxCommand::Storm(StormArguments { target, times, seed }) => {
            let body = json!({ "times": times, "seed": seed });
            Sandbox::of(&Client::new(&target)?).await?.post("storm", &body).await?
        }
        SandboxCommand::Post(PostArguments { target, endpoint, body }) => {
            let body: Value = serde_json::from_str(&body).context("the body must be JSON")?;
            Sandbox::of(&Client::new(&target)?).await?.post(&endpoint, &body).await?
        }
    };
    say(serde_json::to_string_pretty(&answer).context("an answer is JSON")?)?;
    Ok(Verdict::Good)
}

impl FaultArguments {
    /// The rule as the sandbox takes it.
    fn rule(&self) -> Value {
        let on = self.on.map(|on| match on {
            Requests::Writes => "writes",
            Requests::Reads => "reads",
            Requests::All => "all",
        });
        let fields = [
            ("name", Some(json!(self.name))),
            ("count", self.count.map(|count| json!(count))),
            ("rate", self.rate.map(|rate| json!(rate))),
            ("above", self.above.map(|above| json!(above))),
            ("seconds", self.lasts.map(|lasts| json!(lasts.as_secs()))),
            ("on", on.map(|on| json!(on))),
            ("path", self.path.as_ref().map(|path| json!(path))),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// The control endpoints of a stack's sandbox.
pub(crate) struct Sandbox {
    http: reqwest::Client,
    base: String,
}

impl Sandbox {
    /// The sandbox that the stack takes its payments at.
    ///
    /// # Errors
    /// The stack does not answer, or takes its payments elsewhere.
    pub(crate) async fn of(client: &Client) -> anyhow::Result<Self> {
        let health: Health = client.get("health").await?;
        if !health.provider_is_sandbox {
            bail!("the provider is not the sandbox: nothing goes wrong there on demand");
        }
        Ok(Self { http: client.http.clone(), base: format!("{}/_sandbox", health.provider_url) })
    }

    /// Posts to a control endpoint.
    pub(crate) async fn post(&self, endpoint: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(|http, url| http.post(url).json(body), endpoint).await
    }

    async fn ask(
        &self,
        request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder,
        endpoint: &str,
    ) -> anyhow::Result<Value> {
        let request = request(&self.http, format!("{}/{endpoint}", self.base));
        let answer = request.send().await.context("the sandbox does not answer")?;
        let is_refused = !answer.status().is_success();
        let body: Value = answer.json().await.context("the sandbox's answer cannot be read")?;
        if is_refused {
            bail!("{}", body["error"]["message"].as_str().unwrap_or("the sandbox refuses that"));
        }
        Ok(body)
    }
}
