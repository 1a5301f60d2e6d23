//! Starts and stops a sandbox, and takes its connections.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use http::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, oneshot, watch};
use tokio::task::{JoinHandle, JoinSet};

use crate::faults::FaultPlan;
use crate::gocardless::account::{Account, GoCardlessSettings};
use crate::http::{GiveUp, Reply, ReplyBody, Request, Sending, Unread};
use crate::settings::{Provider, Settings, SettingsError, WebhookEndpoint};
use crate::socket::{ResetSwitch, Socket};
use crate::state::State;
use crate::storage::open::{OpenError, open};
use crate::storage::{Store, deliveries};
use crate::webhooks::{ClientError, Postman};
use crate::{background, call, control, gocardless, stripe};

/// The most connections at a time; one more waits.
const CONNECTIONS_MAX: usize = 1024;

/// How long a client may take to send its headers.
const HEADERS_TIMEOUT: Duration = Duration::from_secs(30);

/// How long [`Sandbox::stop`] waits for requests that are being answered.
const STOP_WAIT: Duration = Duration::from_secs(2);

/// Why a sandbox did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The settings are wrong: change them.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// The database cannot be used; the error names the file and the reason.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database was opened and then failed: try again, or look at its folder.
    #[error("the webhook endpoints cannot be stored: {0}")]
    Endpoints(String),
    /// The address is taken, or not this machine's.
    #[error("the sandbox cannot listen on {bind}")]
    Listen {
        /// The address that was asked for.
        bind: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The system has no thread to give.
    #[error("the sandbox cannot start its storage thread")]
    Thread(#[source] io::Error),
    /// The HTTP client that posts webhooks cannot be made.
    #[error("the sandbox cannot deliver webhooks")]
    Client(#[from] ClientError),
}

/// A sandbox that runs. Dropping it stops it without waiting; [`Sandbox::stop`] waits.
pub struct Sandbox {
    state: Arc<State>,
    stop: watch::Sender<()>,
    tasks: [JoinHandle<()>; 2],
    closed: oneshot::Receiver<()>,
}

/// Starts a sandbox on the tokio runtime of the caller, which needs its I/O and time drivers.
///
/// It serves requests from the moment this returns. What was answered by an earlier run on the same folder is
/// there again, and deliveries that run still owed are made.
pub async fn start(settings: Settings) -> Result<Sandbox, StartError> {
    settings.check()?;
    let (store, closed) = Store::start(open(&settings.data)?).map_err(StartError::Thread)?;
    let listen = |source| StartError::Listen { bind: settings.bind, source };
    let listener = listen_again(&settings.data, settings.bind).await.map_err(listen)?;
    let address = listener.local_addr().map_err(listen)?;
    let postman = Postman::new(settings.retries.timeout, settings.certificates.as_deref())?;
    remember(&store, Provider::Stripe, &settings.webhooks).await?;
    if let Some(gocardless) = &settings.gocardless {
        remember(&store, Provider::GoCardless, &gocardless.webhooks).await?;
    }
    let state = Arc::new(State {
        store,
        faults: FaultPlan::default(),
        clock: settings.clock,
        api_key: settings.api_key,
        base_url: format!("http://{address}"),
        key_retention: settings.key_retention,
        settling_time: settings.settling_time,
        retries: settings.retries,
        gocardless: settings.gocardless.as_ref().map(Account::new),
        endpoints: endpoints(settings.webhooks, settings.gocardless),
        keys_in_use: Mutex::new(HashSet::new()),
        on_their_way: Mutex::default(),
        wake: tokio::sync::Notify::new(),
    });
    let (stop, stopped) = watch::channel(());
    let tasks = [
        tokio::spawn(background::run(Arc::clone(&state), postman, stopped.clone())),
        tokio::spawn(accept(Arc::clone(&state), listener, stopped)),
    ];
    Ok(Sandbox { state, stop, tasks, closed })
}

/// Remembers what each endpoint of a provider wants, so that it is owed it from now on.
async fn remember(
    store: &Store,
    provider: Provider,
    endpoints: &[WebhookEndpoint],
) -> Result<(), StartError> {
    let wants = endpoints.iter().map(|endpoint| (endpoint.id.clone(), endpoint.enabled_events.clone()));
    let wants: Vec<(String, Vec<String>)> = wants.collect();
    let remembered = store.run(move |db| deliveries::remember_endpoints(db, provider, &wants)).await;
    remembered.map_err(|fault| StartError::Endpoints(fault.to_string()))
}

/// Every endpoint, with whose events it is owed.
fn endpoints(
    stripe: Vec<WebhookEndpoint>,
    gocardless: Option<GoCardlessSettings>,
) -> Vec<(Provider, WebhookEndpoint)> {
    let gocardless = gocardless.map(|settings| settings.webhooks).unwrap_or_default();
    let stripe = stripe.into_iter().map(|endpoint| (Provider::Stripe, endpoint));
    stripe.chain(gocardless.into_iter().map(|endpoint| (Provider::GoCardless, endpoint))).collect()
}

impl Sandbox {
    /// Where the API listens, such as `http://127.0.0.1:40123`, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.state.base_url
    }

    /// Stops: takes no more connections, gives requests two seconds to end, and closes the database.
    pub async fn stop(self) {
        let Self { state, stop, tasks, closed } = self;
        drop(stop);
        for task in tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a task of the sandbox panicked");
            }
        }
        state.on_their_way.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
        drop(state);
        if tokio::time::timeout(STOP_WAIT, closed).await.is_err() {
            tracing::warn!("requests were still under way when the sandbox stopped");
        }
    }
}

/// Listens on `bind`. Where any port will do, the one of the last run on this folder is tried first, so that
/// links to the bank's page go on working after a restart.
async fn listen_again(folder: &Path, bind: SocketAddr) -> io::Result<TcpListener> {
    let file = folder.join("port");
    let last = fs::read_to_string(&file).ok().and_then(|text| text.trim().parse::<u16>().ok());
    let again = match last {
        Some(port) if bind.port() == 0 => TcpListener::bind((bind.ip(), port)).await.ok(),
        _ => None,
    };
    let listener = match again {
        Some(listener) => listener,
        None => TcpListener::bind(bind).await?,
    };
    if let Err(error) = fs::write(&file, listener.local_addr()?.port().to_string()) {
        tracing::warn!(%error, "the next run will not know on which port this one listened");
    }
    Ok(listener)
}

async fn accept(state: Arc<State>, listener: TcpListener, mut stopped: watch::Receiver<()>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let mut connections = JoinSet::new();
    let until = stopped.clone();
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let serving = serve(Arc::clone(&state), stream, until.clone());
                    connections.spawn(async move {
                        serving.await;
                        drop(place);
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            },
            Some(ended) = connections.join_next() => {
                if let Err(error) = ended {
                    tracing::error!(%error, "a connection's task panicked");
                }
            }
            _ = stopped.changed() => break,
        }
    }
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_WAIT, ended).await.is_err() {
        tracing::warn!("connections were still open when the sandbox stopped");
    }
}

/// Serves one connection until either side has had enough of it.
async fn serve(state: Arc<State>, stream: TcpStream, mut stopped: watch::Receiver<()>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its Nagle delay");
    }
    let (socket, reset) = Socket::new(stream);
    let service = service_fn(move |request| respond(Arc::clone(&state), request, reset.clone()));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_TIMEOUT)
        .serve_connection(TokioIo::new(socket), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        _ = stopped.changed() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}

async fn respond(
    state: Arc<State>,
    request: hyper::Request<Incoming>,
    reset: ResetSwitch,
) -> Result<Response<ReplyBody>, GiveUp> {
    let reply = match Request::read(request).await {
        Ok(request) => detached(dispatch(state, request)).await,
        Err(Unread::TooLong) => Reply::new(413, "text/plain", "The request is too long.\n"),
        Err(Unread::Gone) => return Err(GiveUp),
    };
    if reply.sending == Sending::Reset {
        reset.turn_on();
    }
    reply.into_response()
}

/// Works on a request in a task of its own: a client that hangs up does not stop what it has set going.
async fn detached(work: impl Future<Output = Reply> + Send + 'static) -> Reply {
    tokio::spawn(work).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a request panicked");
        Reply::new(500, "text/plain", "Something went wrong on the sandbox's side.\n")
    })
}

async fn dispatch(state: Arc<State>, request: Request) -> Reply {
    if request.path.starts_with("/_sandbox/") {
        return control::answer(&state, &request).await;
    }
    if let Some(reply) = call::struck_at_the_door(&state, &request).await {
        return reply;
    }
    if request.path.starts_with("/3ds/") {
        stripe::three_d_secure::answer(&state, request).await
    } else if state.gocardless.is_some() && gocardless::api::is_ours(&request.path) {
        gocardless::api::answer(state, request).await
    } else {
        stripe::api::answer(state, request).await
    }
}
