//! The pipeline on an engine that nobody here wrote: the synthesised template and the functions' real binary are
//! deployed to `ministack` by the CDK's own command line, with its authorisation switched on, and take donations there.
//!
//! The engine is wired by the template alone and lets each function do what its role allows, over TLS, as AWS does.
//! Where it is unlike AWS is said at each place that allows for it, and listed in `README.md`.

mod account;
mod deploy;
mod run;

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use deploy::{Let, Places};
use tests_second_engine::{Ministack, free_address, target};

/// Deploys the pipeline to a second engine, takes donations there, and proves that none was lost.
#[derive(Debug, Parser)]
#[command(name = "second-engine")]
struct Arguments {
    /// How many donations are made, four a second
    #[arg(long, default_value_t = 1_000)]
    donations: u32,
    /// How many seconds to wait for everything to settle
    #[arg(long, default_value_t = 300)]
    settle: u32,
    /// What the queues' policies let in: with any but the template's, nothing may be delivered
    #[arg(long, value_enum, default_value = "topic")]
    queues_let_in: Let,
    /// The built binary of the functions, for the processor of this machine
    #[arg(long)]
    bootstrap: Option<PathBuf>,
    /// Where the engine is to listen: how this program starts itself again, once it is prepared
    #[arg(long, hide = true)]
    engine: Option<SocketAddr>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let ended = match arguments.engine {
        Some(engine) => engage(&arguments, engine),
        None => prepare(),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            run::say(&format!("second-engine: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The folder of everything that a run leaves behind, for whoever looks into a failure.
fn folder() -> PathBuf {
    target().join("second-engine")
}

/// Makes a certificate, and starts this program again as one that trusts it: whoever speaks TLS in it reads what it
/// trusts from the environment.
fn prepare() -> Result<bool> {
    let folder = folder();
    if folder.exists() {
        fs::remove_dir_all(&folder).context("what an earlier run left cannot be removed")?;
    }
    fs::create_dir_all(&folder)?;
    let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    fs::write(&certificate, made.cert.pem())?;
    fs::write(&key, made.signing_key.serialize_pem())?;
    let address = free_address();
    let ended = Command::new(std::env::current_exe()?)
        .args(std::env::args_os().skip(1))
        .args(["--engine", &address.to_string()])
        .env("SSL_CERT_FILE", &certificate)
        .env("AWS_CA_BUNDLE", &certificate)
        .env("AWS_ENDPOINT_URL", format!("https://{address}"))
        .env("AWS_REGION", account::REGION)
        .env("AWS_DEFAULT_REGION", account::REGION)
        // The engine takes these for the account's root.
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .status()?;
    Ok(ended.success())
}

fn engage(arguments: &Arguments, engine: SocketAddr) -> Result<bool> {
    ensure!(
        rustls::crypto::ring::default_provider().install_default().is_ok(),
        "another TLS provider was chosen first"
    );
    let folder = folder();
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let environment = [
        ("AUTH", "true"),
        ("USE_SSL", "1"),
        ("MINISTACK_SSL_CERT", certificate.to_str().context("a path that is text")?),
        ("MINISTACK_SSL_KEY", key.to_str().context("a path that is text")?),
    ];
    let ministack = Ministack::start(engine, &environment, Some(&folder.join("engine.log")));
    // The functions have to know where the provider is before it can know where its webhooks go.
    let provider = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let bootstrap = arguments.bootstrap.clone().unwrap_or_else(|| target().join("debug/bootstrap"));
    let deployed = deploy::deploy(&folder, &bootstrap, Places { engine, provider }, arguments.queues_let_in)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let is_well = runtime.block_on(async {
        account::prepare(&deployed).await?;
        let _sandbox = run::sandbox(&folder, provider, &deployed.api).await?;
        run::donations(&folder, arguments.donations, arguments.settle).await
    });
    drop(ministack);
    is_well
}
