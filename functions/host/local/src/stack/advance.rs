//! Moving the whole stack's clock forward.

use std::io;
use std::time::Duration;

use futures_util::future::join_all;

use super::{Stack, folder};
use crate::clock::{self, ClockError};

/// How long running invocations may take to end before the clock is moved; longer ones are killed.
const GRACE: Duration = Duration::from_secs(10);

impl Stack {
    /// Moves the clock forward by so many seconds, and gives the new offset.
    ///
    /// Invocations that run end first, or are killed after ten seconds, as a crash would; whatever they were
    /// about comes again. Then the offset is kept, and every function goes on in fresh processes. Requests
    /// that arrive meanwhile wait. Messages in flight come back at once where the move is longer than they
    /// are hidden.
    ///
    /// # Errors
    /// The move is out of range, or the offset could not be kept; the clock was not moved.
    pub async fn advance_clock(&self, advance_seconds: u64) -> Result<u64, ClockError> {
        let _one_at_a_time = self.advancing.lock().await;
        let offset = self.clock.after(advance_seconds)?;
        join_all(self.pools.values().map(|pool| pool.hold(GRACE))).await;
        let path = self.clock_file.clone();
        let kept = tokio::task::spawn_blocking(move || folder::write_private(&path, &clock::kept(offset)));
        let kept = kept.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        if kept.is_ok() {
            self.clock.set(offset);
        }
        for pool in self.pools.values() {
            pool.release();
        }
        match kept {
            Ok(()) => Ok(offset),
            Err(source) => Err(ClockError::Unusable { path: self.clock_file.clone(), source }),
        }
    }
}
