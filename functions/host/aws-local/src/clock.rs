//! The clock of the queues, the activity log and the e-mails.

use std::{fmt, sync::Arc};

use crate::now::system_ms;

/// A reading of the time, in milliseconds since the Unix epoch.
///
/// Visibility, delay and retention, and the time stamps of messages, activity and e-mails all read it, so
/// that a host can move days in an instant. It must not go back. Two things keep the machine's own time:
/// objects, which are files, and S3's check of how old a signature is, because whoever signs a request does
/// so by the machine's clock. Items of tables are not removed when they expire.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> u64 + Send + Sync>);

impl Clock {
    /// The machine's own clock.
    pub fn system() -> Self {
        Self::from_fn(system_ms)
    }

    /// A clock that asks `read`.
    pub fn from_fn(read: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(crate) fn now_ms(&self) -> u64 {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({} ms)", self.now_ms())
    }
}
