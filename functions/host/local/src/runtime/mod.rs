//! The Lambda Runtime API host: one process of the real `bootstrap` binary per execution environment.
//!
//! Each process gets a listener of its own on a plain `host:port`, so that the address alone says which process is
//! speaking. A [`Pool`] holds the environments of one function: it starts them on demand, hands each one invocation at
//! a time, kills those that outlive their deadline, and replaces those that die.
//!
//! Source of the protocol: docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
//!
//! Modules in reading order.

mod api;
mod environment;
mod invocation;
mod leftovers;
mod lifecycle;
mod log;
mod pool;
mod process;

use std::path::PathBuf;
use std::time::Duration;

use crate::clock::HostClock;

pub use invocation::InvokeError;
pub use leftovers::await_leftovers;
pub use pool::{Counts, Pool, Readiness, Report};

/// The account number in every local ARN.
pub const ACCOUNT: &str = "000000000000";
/// The region in every local ARN.
pub const REGION: &str = "eu-west-2";

/// All that is needed to run one function.
#[derive(Debug, Clone)]
pub struct FunctionSpec {
    /// Handler name, such as `take-payment`; the process finds it in `_HANDLER`.
    pub name: String,
    /// The binary that every environment runs.
    pub bootstrap: PathBuf,
    /// The function's own environment. The runtime's variables are added to it, and nothing is inherited.
    pub environment: Vec<(String, String)>,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// Memory as configured, in MiB. Reported to the process; not enforced here.
    pub memory_mb: u32,
    /// Most invocations at once, which is also the most environments.
    pub concurrency_max: usize,
    /// Where the process's output goes.
    pub log: PathBuf,
    /// Where the ids of running processes are noted, so that the next run can await what a crash left behind.
    pub notes: PathBuf,
    /// The time: of deadlines, and for each process from its start on.
    pub clock: HostClock,
}

impl FunctionSpec {
    /// The function's ARN.
    pub fn arn(&self) -> String {
        format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{}", self.name)
    }
}
