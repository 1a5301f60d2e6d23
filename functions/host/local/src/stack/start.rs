//! Starting the stack: everything in the order in which the one needs the other.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use contracts::providers::STRIPE_EVENTS;
use contracts::topology::{Authorisation, Function, Topology};
use domain::ids::Provider as ProviderName;
use queue_model::Received;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::environment::{self, EnvironmentError, Places};
use super::folder::Folder;
use super::secrets::Secrets;
use super::settings::UpSettings;
use super::{BootstrapError, FolderError, SecretsError, Stack, bootstrap, chaos};
use crate::aws::Aws;
use crate::clock::{ClockError, HostClock};
use crate::records::{Account, Held, Provider, Records, Tables};
use crate::runtime::{FunctionSpec, Pool, Readiness, await_leftovers};
use crate::triggers::http::{Endpoint, RouteError, Routes};
use crate::triggers::{queue, schedule};

/// Where Stripe itself is.
const STRIPE_URL: &str = "https://api.stripe.com";

const GOCARDLESS: ProviderName = ProviderName::of("gocardless");

/// Requests a minute that the sandbox's GoCardless side lets in: a surge asks for more than GoCardless's own 1,000.
const GOCARDLESS_PER_MINUTE: u32 = 60_000;

/// Why the stack does not start. Nothing is left running.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The topology cannot be read.
    #[error("the topology {} cannot be used: {reason}", path.display())]
    Topology {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The topology asks for something that this host does not do.
    #[error("the topology cannot be used: {0}")]
    Shape(String),
    /// A route cannot be served.
    #[error("the topology cannot be used: {0}")]
    Route(#[from] RouteError),
    /// The data folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The clock.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The secrets.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The functions' binary.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// Somebody else listens there.
    #[error("port {port} on 127.0.0.1 is taken by another program; stop it, or choose another with --port N")]
    PortTaken {
        /// The port.
        port: u16,
    },
    /// The port cannot be had for another reason.
    #[error("port {port} on 127.0.0.1 cannot be used: {source}")]
    Port {
        /// The port.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The AWS endpoints.
    #[error("the AWS endpoints do not start: {0}")]
    Aws(#[from] aws_local::StartError),
    /// The sandbox.
    #[error("the payment sandbox does not start: {0}")]
    Sandbox(#[from] sandbox::StartError),
    /// A function's files.
    #[error("{function} cannot be started: {source}")]
    Function {
        /// The function.
        function: String,
        /// The system's reason.
        source: io::Error,
    },
    /// Functions that do not come as far as their first poll.
    #[error("these functions do not start:\n{0}")]
    NotReady(String),
    /// The HTTP client.
    #[error("no HTTP client can be made: {0}")]
    Http(#[source] reqwest::Error),
}

impl From<EnvironmentError> for StartError {
    fn from(error: EnvironmentError) -> Self {
        Self::Shape(error.to_string())
    }
}

/// Starts everything but the HTTP front, which is served on the listener that comes back with the stack.
///
/// # Errors
/// [`StartError`].
pub async fn start(settings: &UpSettings) -> Result<(Arc<Stack>, TcpListener), StartError> {
    let topology = read_topology(settings)?;
    environment::settings(&topology, &[], &settings.set)?;
    check_shape(&topology)?;
    let (folder, lock) = Folder::open(&settings.data)?;
    let (listener, public_url) = listen(settings.port).await?;
    let secrets = Secrets::open(&folder.secrets())?;
    let clock = HostClock::open(&folder.clock())?;
    let bootstrap = bootstrap::find(settings.bootstrap.as_deref()).await?;
    let leftovers = folder.processes();
    await_leftovers(&leftovers).await.map_err(|source| FolderError::Unusable { path: leftovers, source })?;

    let (sandbox, provider) = start_provider(settings, &folder, &secrets, &public_url, &clock).await?;
    // Beside Stripe itself there is no GoCardless to speak to; the sandbox is both, at one address.
    let providers =
        provider.accounts.iter().map(|account| account.provider.name()).collect::<Vec<_>>().join(",");
    let local = [
        ("PUBLIC_URL", public_url.clone()),
        ("PROVIDERS", providers),
        ("STRIPE_URL", provider.url.clone()),
        ("GOCARDLESS_URL", provider.url.clone()),
    ];
    let values = environment::settings(&topology, &local, &settings.set)?;
    let value = |key: &str| values.get(key).cloned().into_iter().collect::<Vec<_>>();
    let aws_clock = clock.clone();
    let aws = aws_local::start(aws_local::Settings {
        data: folder.aws(),
        topology: topology.clone(),
        secrets: secrets.texts(settings.stripe.as_ref()),
        senders: value("RECEIPT_SENDER"),
        configuration_sets: value("RECEIPT_CONFIGURATION_SET"),
        clock: aws_local::Clock::from_fn(move || aws_clock.now_ms()),
    })
    .await?;
    let places =
        Places { aws: aws.endpoint_url().to_owned(), s3: aws.s3_endpoint_url().to_owned(), settings: values };
    let pools = start_pools(&topology, &places, &folder, &bootstrap, &clock)?;
    await_ready(&pools).await?;
    let routes = routes(&topology, &pools)?;
    let stopping = watch::Sender::new(false);
    let triggers = start_triggers(&topology, &pools, &aws, &stopping);
    let http = reqwest::Client::builder()
        .timeout(Duration::from_secs(60))
        .no_proxy()
        .build()
        .map_err(StartError::Http)?;
    let records = Records::new(Held {
        aws: Aws::local(http.clone(), aws.endpoint_url()),
        tables: Tables {
            donations: "donations".to_owned(),
            ledger: "ledger".to_owned(),
            work: "work".to_owned(),
        },
        provider,
        http,
    });
    let stack = Stack {
        topology,
        public_url,
        pools,
        routes,
        aws,
        records,
        chaos: chaos::Chaos::default(),
        clock,
        clock_file: folder.clock(),
        advancing: tokio::sync::Mutex::default(),
        triggers: Mutex::new(triggers),
        stopping,
        sandbox,
        _lock: lock,
    };
    Ok((Arc::new(stack), listener))
}

fn read_topology(settings: &UpSettings) -> Result<Topology, StartError> {
    let Some(path) = &settings.topology else { return Ok(Topology::shipped()) };
    let wrong = |reason: String| StartError::Topology { path: path.clone(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Topology::parse(&text).map_err(|error| wrong(error.to_string()))
}

/// Checks what the file's form alone does not say.
fn check_shape(topology: &Topology) -> Result<(), StartError> {
    for (name, function) in &topology.functions {
        let triggers = usize::from(!function.http.is_empty())
            + usize::from(function.queue.is_some())
            + usize::from(function.schedule.is_some())
            + usize::from(function.operator);
        let wrong = |what: &str| Err(StartError::Shape(format!("function {name} {what}")));
        if triggers != 1 {
            return wrong("must have exactly one trigger: http, queue, schedule or operator");
        }
        if function.timeout_seconds == 0 || concurrency(function) == 0 {
            return wrong("must have a timeout and a concurrency of at least 1");
        }
        if let Some(trigger) = &function.queue {
            let Some(queue) = topology.queues.get(&trigger.name) else {
                return wrong(&format!("is fed by queue {}, which does not exist", trigger.name));
            };
            if queue.visibility_timeout_seconds < function.timeout_seconds {
                return wrong("has a longer timeout than its queue hides messages");
            }
            if trigger.batch_size == 0 {
                return wrong("must have a batch_size of at least 1");
            }
        }
        if function.schedule.as_ref().is_some_and(|schedule| schedule.every_seconds == 0) {
            return wrong("must have a schedule of at least every second");
        }
    }
    Ok(())
}

/// Most environments of a function: its trigger's concurrency, its own, or one.
fn concurrency(function: &Function) -> usize {
    let trigger = function.queue.as_ref().map(|queue| queue.concurrency_max);
    let most = trigger.or(function.concurrency_max).unwrap_or(1);
    usize::try_from(most).expect("a concurrency is a length")
}

async fn listen(port: u16) -> Result<(TcpListener, String), StartError> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortTaken { port },
        _ => StartError::Port { port, source },
    })?;
    let address: SocketAddr = listener.local_addr().map_err(|source| StartError::Port { port, source })?;
    Ok((listener, format!("http://{address}")))
}

async fn start_provider(
    settings: &UpSettings,
    folder: &Folder,
    secrets: &Secrets,
    public_url: &str,
    clock: &HostClock,
) -> Result<(Option<sandbox::Sandbox>, Provider), StartError> {
    if let Some(account) = &settings.stripe {
        let (url, api_key) = (STRIPE_URL.to_owned(), account.api_key.clone());
        let account = Account { provider: ProviderName::STRIPE, url: url.clone(), api_key };
        let provider = Provider { url, accounts: vec![account], is_sandbox: false };
        return Ok((None, provider));
    }
    let mut sandbox_settings = sandbox::Settings::new(folder.sandbox(), secrets.sandbox_api_key.clone());
    let sandbox_clock = clock.clone();
    sandbox_settings.clock = sandbox::Clock::from_fn(move || {
        i64::try_from(sandbox_clock.now_ms()).expect("milliseconds fit 63 bits for ages")
    });
    sandbox_settings.webhooks.push(sandbox::WebhookEndpoint {
        id: "outpour".to_owned(),
        url: format!("{public_url}/webhooks/stripe"),
        secrets: vec![secrets.webhook_secret.clone().into()],
        enabled_events: STRIPE_EVENTS.map(str::to_owned).to_vec(),
    });
    let mut gocardless = sandbox::GoCardlessSettings::new(secrets.gocardless_token());
    gocardless.requests_per_minute = GOCARDLESS_PER_MINUTE;
    gocardless.webhooks.push(sandbox::WebhookEndpoint {
        id: "outpour-gocardless".to_owned(),
        url: format!("{public_url}/webhooks/gocardless"),
        secrets: vec![secrets.gocardless_webhook_secret().into()],
        enabled_events: vec![],
    });
    sandbox_settings.gocardless = Some(gocardless);
    let sandbox = sandbox::start(sandbox_settings).await?;
    let account = |provider, api_key| Account { provider, url: sandbox.url().to_owned(), api_key };
    let provider = Provider {
        url: sandbox.url().to_owned(),
        accounts: vec![
            account(ProviderName::STRIPE, secrets.sandbox_api_key.clone()),
            account(GOCARDLESS, secrets.gocardless_token()),
        ],
        is_sandbox: true,
    };
    Ok((Some(sandbox), provider))
}

fn start_pools(
    topology: &Topology,
    places: &Places,
    folder: &Folder,
    bootstrap: &std::path::Path,
    clock: &HostClock,
) -> Result<BTreeMap<String, Arc<Pool>>, StartError> {
    let mut pools = BTreeMap::new();
    for (name, function) in &topology.functions {
        let spec = FunctionSpec {
            name: name.clone(),
            bootstrap: bootstrap.to_owned(),
            environment: environment::of(name, function, topology, places)?,
            timeout: Duration::from_secs(u64::from(function.timeout_seconds)),
            memory_mb: function.memory_mb,
            concurrency_max: concurrency(function),
            log: folder.logs().join(format!("{name}.log")),
            notes: folder.processes(),
            clock: clock.clone(),
        };
        let pool =
            Pool::start(spec).map_err(|source| StartError::Function { function: name.clone(), source })?;
        pools.insert(name.clone(), pool);
    }
    Ok(pools)
}

async fn await_ready(pools: &BTreeMap<String, Arc<Pool>>) -> Result<(), StartError> {
    let mut failures = Vec::new();
    for (name, pool) in pools {
        if let Readiness::Failed(why) = pool.ready().await {
            failures.push(format!("  {name}: {why}"));
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    futures_util::future::join_all(pools.values().map(|pool| pool.stop(Duration::ZERO))).await;
    Err(StartError::NotReady(failures.join("\n")))
}

fn routes(topology: &Topology, pools: &BTreeMap<String, Arc<Pool>>) -> Result<Routes<Endpoint>, RouteError> {
    let mut routes = Routes::default();
    for (name, function) in &topology.functions {
        for route in &function.http {
            let is_for_operators = route.authorisation == Some(Authorisation::Iam);
            let endpoint = Endpoint { pool: Arc::clone(&pools[name]), is_for_operators };
            routes.add(&route.method, &route.path, endpoint)?;
        }
    }
    Ok(routes)
}

fn start_triggers(
    topology: &Topology,
    pools: &BTreeMap<String, Arc<Pool>>,
    aws: &aws_local::AwsLocal,
    stopping: &watch::Sender<bool>,
) -> Vec<JoinHandle<()>> {
    let source = Arc::new(LocalQueues(aws.queues().clone()));
    let mut triggers = Vec::new();
    for (name, function) in &topology.functions {
        let pool = Arc::clone(&pools[name]);
        if let Some(schedule) = &function.schedule {
            let every = Duration::from_secs(u64::from(schedule.every_seconds));
            triggers.push(tokio::spawn(schedule::run(pool, every, stopping.subscribe())));
        } else if let Some(trigger) = &function.queue {
            let visibility = topology.queues[&trigger.name].visibility_timeout_seconds;
            let mapping = queue::Mapping {
                queue: trigger.name.clone(),
                batch_size: trigger.batch_size,
                batch_window: Duration::from_secs(u64::from(trigger.batch_window_seconds)),
                concurrency_max: concurrency(function),
                visibility: Duration::from_secs(u64::from(visibility)),
            };
            triggers.push(tokio::spawn(queue::run(Arc::clone(&source), mapping, pool, stopping.subscribe())));
        }
    }
    triggers
}

/// The queues of the AWS endpoints, without the way over HTTP.
struct LocalQueues(aws_local::Queues);

impl queue::Source for LocalQueues {
    async fn receive(&self, queue: &str, max: u32, wait: Duration) -> Result<Vec<Received>, String> {
        self.0.receive(queue, max, wait).await.map_err(|error| error.to_string())
    }

    async fn delete(&self, queue: &str, receipts: Vec<String>) -> Result<(), String> {
        self.0.delete(queue, &receipts).await.map_err(|error| error.to_string())
    }
}
