//! Disorder on request: kills random function processes for a while, as a crash of the machine would.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::random;
use crate::runtime::Pool;

/// Most kills a second.
pub const RATE_MAX: u32 = 50;
/// Longest disorder.
pub const SECONDS_MAX: u32 = 3_600;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChaosRequest {
    /// Kills a second, 1 to [`RATE_MAX`].
    pub rate: u32,
    /// For how long, 1 to [`SECONDS_MAX`].
    pub seconds: u32,
}

/// How it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChaosReport {
    /// Whether processes are being killed.
    pub running: bool,
    /// Processes killed since the host started.
    pub killed: u64,
}

/// Why there is no disorder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChaosError {
    /// The rate is out of range.
    #[error("rate: must be 1 to {RATE_MAX} kills a second")]
    Rate,
    /// The time is out of range.
    #[error("seconds: must be 1 to {SECONDS_MAX}")]
    Seconds,
    /// Once is enough.
    #[error("processes are being killed already; wait until that has ended")]
    Running,
}

/// Kills processes, in one run at a time.
#[derive(Debug, Clone, Default)]
pub struct Chaos {
    running: Arc<AtomicBool>,
    killed: Arc<AtomicU64>,
}

impl Chaos {
    /// Begins, and returns at once.
    ///
    /// # Errors
    /// [`ChaosError`].
    pub fn begin(
        &self,
        request: ChaosRequest,
        pools: &BTreeMap<String, Arc<Pool>>,
    ) -> Result<(), ChaosError> {
        if !(1..=RATE_MAX).contains(&request.rate) {
            return Err(ChaosError::Rate);
        }
        if !(1..=SECONDS_MAX).contains(&request.seconds) {
            return Err(ChaosError::Seconds);
        }
        if self.running.swap(true, Ordering::AcqRel) {
            return Err(ChaosError::Running);
        }
        let pools: Vec<Arc<Pool>> = pools.values().cloned().collect();
        let chaos = self.clone();
        tokio::spawn(async move {
            chaos.kill(request, &pools).await;
            chaos.running.store(false, Ordering::Release);
        });
        Ok(())
    }

    async fn kill(&self, request: ChaosRequest, pools: &[Arc<Pool>]) {
        let until = Instant::now() + Duration::from_secs(u64::from(request.seconds));
        let mut ticks = interval(Duration::from_secs(1) / request.rate);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while ticks.tick().await < until {
            let targets: Vec<(&Arc<Pool>, u32)> = pools
                .iter()
                .flat_map(|pool| pool.targets().into_iter().map(move |pid| (pool, pid)))
                .collect();
            if targets.is_empty() {
                continue;
            }
            let (pool, pid) = targets[random::below(targets.len())];
            if pool.kill(pid) {
                self.killed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How it stands.
    pub fn report(&self) -> ChaosReport {
        ChaosReport {
            running: self.running.load(Ordering::Acquire),
            killed: self.killed.load(Ordering::Relaxed),
        }
    }
}
