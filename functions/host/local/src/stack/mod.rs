//! The whole pipeline, started and stopped as one.
//!
//! Modules in reading order.

pub mod settings;

mod bootstrap;
mod folder;
mod secrets;

mod environment;

mod start;

mod advance;
pub mod chaos;

pub use bootstrap::BootstrapError;
pub use folder::FolderError;
pub use secrets::SecretsError;
pub use start::{StartError, start};

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use contracts::topology::Topology;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::clock::HostClock;
use crate::records::Records;
use crate::runtime::Pool;
use crate::triggers::http::{Endpoint, Routes};

/// How long running invocations may take to end when the stack stops.
const GRACE: Duration = Duration::from_secs(3);

/// The running pipeline.
pub struct Stack {
    /// What was started.
    pub topology: Topology,
    /// Where the API and the operator's endpoints are.
    pub public_url: String,
    /// The functions, by name.
    pub pools: BTreeMap<String, Arc<Pool>>,
    /// Which request goes to which function.
    pub routes: Routes<Endpoint>,
    /// The AWS endpoints.
    pub aws: aws_local::AwsLocal,
    /// Its tables and its providers' lists.
    pub records: Records,
    /// Kills processes on request.
    pub chaos: chaos::Chaos,
    /// The time of everything here; [`Stack::advance_clock`] moves it.
    pub clock: HostClock,
    clock_file: PathBuf,
    /// One move of the clock at a time.
    advancing: tokio::sync::Mutex<()>,
    triggers: Mutex<Vec<JoinHandle<()>>>,
    stopping: watch::Sender<bool>,
    sandbox: Option<sandbox::Sandbox>,
    /// Held for as long as the stack runs.
    _lock: folder::Lock,
}

impl Stack {
    /// Stops the triggers, lets what runs end, and ends the functions' processes. The endpoints go on answering.
    pub async fn stop_functions(&self) {
        self.stopping.send_replace(true);
        let triggers = std::mem::take(&mut *self.triggers.lock().unwrap_or_else(PoisonError::into_inner));
        let drained = futures_util::future::join_all(triggers);
        if timeout(GRACE, drained).await.is_err() {
            tracing::warn!("batches under way are broken off; their messages are received again later");
        }
        futures_util::future::join_all(self.pools.values().map(|pool| pool.stop(GRACE))).await;
    }

    /// Closes the files. Whatever was answered is on disk already, so leaving this out loses nothing.
    pub async fn close(self) {
        if let Some(sandbox) = self.sandbox {
            sandbox.stop().await;
        }
        self.aws.stop().await;
    }
}
