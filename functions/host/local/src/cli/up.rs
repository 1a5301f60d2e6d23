//! `up`: runs the whole pipeline.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use host_local::operator;
use host_local::stack::{self, Stack, settings::StripeAccount, settings::UpSettings};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::Verdict;
use super::console::say;

/// How long open connections may take to close.
const CLOSE_MAX: Duration = Duration::from_secs(2);
const PORT: u16 = 8080;
const DATA: &str = ".outpour";

#[derive(Debug, Args)]
pub(crate) struct UpArguments {
    /// Port of the API and the operations endpoints on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = PORT)]
    port: u16,
    /// Folder of everything that is kept
    #[arg(long, default_value = DATA)]
    data: PathBuf,
    /// Topology to run instead of the one built in
    #[arg(long)]
    topology: Option<PathBuf>,
    /// Value for one of the topology's settings; may be repeated
    #[arg(long, value_name = "KEY=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// The functions' binary, where it does not lie beside this one
    #[arg(long)]
    bootstrap: Option<PathBuf>,
}

impl UpArguments {
    pub(crate) fn defaults() -> Self {
        Self { port: PORT, data: DATA.into(), topology: None, set: Vec::new(), bootstrap: None }
    }
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("must be KEY=VALUE")?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(crate) async fn run(arguments: UpArguments) -> anyhow::Result<Verdict> {
    let mut stop = StopSignals::listen()?;
    let stripe =
        StripeAccount::from_variables(variable("STRIPE_API_KEY"), variable("STRIPE_WEBHOOK_SECRET"))?;
    let UpArguments { port, data, topology, set, bootstrap } = arguments;
    let settings = UpSettings { port, data, topology, set, bootstrap, stripe };
    let (stack, listener) = tokio::select! {
        started = stack::start(&settings) => started?,
        () = stop.wait() => return Ok(Verdict::Bad),
    };
    let (stopping, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(operator::serve(Arc::clone(&stack), listener, async move {
        if stopped.await.is_err() {
            tracing::debug!("the front is told to stop by its owner's end");
        }
    }));
    announce(&stack, &settings)?;
    stop.wait().await;
    tracing::info!("stopping; once more to stop at once");
    tokio::select! {
        () = shut_down(stack, stopping, served) => {}
        () = stop.wait() => {}
    }
    Ok(Verdict::Good)
}

async fn shut_down(
    stack: Arc<Stack>,
    stopping: oneshot::Sender<()>,
    served: tokio::task::JoinHandle<std::io::Result<()>>,
) {
    stack.stop_functions().await;
    drop(stopping);
    match timeout(CLOSE_MAX, served).await {
        Ok(Ok(Err(error))) => tracing::warn!(%error, "the front ended badly"),
        Ok(Err(error)) => tracing::warn!(%error, "the front ended badly"),
        Ok(Ok(Ok(()))) => {}
        Err(_) => tracing::debug!("open connections are broken off"),
    }
    if let Some(stack) = Arc::into_inner(stack) {
        stack.close().await;
    }
}

fn announce(stack: &Stack, settings: &UpSettings) -> anyhow::Result<()> {
    let url = &stack.public_url;
    let provider = if stack.records.provider.is_sandbox { "the sandbox" } else { "Stripe, in test mode" };
    say(format!("API                {url}/donations"))?;
    say(format!("overview           {url}/"))?;
    say(format!("caught e-mails     {url}/_local/mail"))?;
    say(format!("operations         {url}/_local/health, functions, queues, counters, mails"))?;
    say(format!("payment provider   {} ({provider})", stack.records.provider.url))?;
    say(format!(
        "AWS endpoints      {} and, for S3, {}",
        stack.aws.endpoint_url(),
        stack.aws.s3_endpoint_url()
    ))?;
    say(format!("data and logs      {}", settings.data.display()))?;
    if !stack.records.provider.is_sandbox
        && settings.stripe.as_ref().is_some_and(|account| account.webhook_secret.is_none())
    {
        say("webhooks           none arrive: set STRIPE_WEBHOOK_SECRET to that of `stripe listen`")?;
    }
    say(format!("donate             {}", operator::donate_line(url)))?;
    say(format!("ready {url}")).context("standard output is closed")
}

/// An environment variable, where it is text.
#[expect(
    clippy::disallowed_methods,
    reason = "the command line stands outside of the functions' configuration"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Ctrl-C and SIGTERM.
struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> anyhow::Result<Self> {
        let listen = |kind| signal(kind).context("signals cannot be listened for");
        Ok(Self { interrupt: listen(SignalKind::interrupt())?, terminate: listen(SignalKind::terminate())? })
    }

    async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
