//! Queues and topics from within the process: what event source mappings and the operator's commands use.

use std::time::Duration;

use queue_model::{Depth, Received};
use tokio::time::{Instant, timeout_at};

use crate::{engine::Engine, error::QueueError};

/// Longest wait of a receive, as in SQS.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(20);
/// A waiting receive looks again at least this often: a message in flight elsewhere may have become visible.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// The queues. Cheap to clone.
#[derive(Clone)]
pub struct Queues {
    pub(crate) engine: Engine,
}

/// How full a queue is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDepth {
    /// The queue; dead-letter queues are listed too.
    pub queue: String,
    /// Messages visible, in flight and delayed, and the age of the oldest.
    pub depth: Depth,
}

impl Queues {
    /// Receives up to `max` messages (1 to 10) and hides them for the queue's visibility timeout. An empty
    /// queue is waited on for up to `wait`, at most twenty seconds.
    ///
    /// # Errors
    /// The queue is unknown or `max` out of range; or the store cannot serve, in which case nothing was
    /// received.
    pub async fn receive(&self, queue: &str, max: u32, wait: Duration) -> Result<Vec<Received>, QueueError> {
        self.receive_hidden(queue, max, None, wait).await
    }

    /// The same with a visibility timeout of the caller's own, in seconds.
    pub(crate) async fn receive_hidden(
        &self,
        queue: &str,
        max: u32,
        visibility_seconds: Option<u32>,
        wait: Duration,
    ) -> Result<Vec<Received>, QueueError> {
        let deadline = Instant::now() + wait.min(WAIT_MAX);
        loop {
            let name = queue.to_owned();
            let answer = self.engine.apply(move |work| {
                let received = work.model.receive(&name, max, visibility_seconds, work.now_ms)?;
                let next = work.model.next_visible_at(&name, work.now_ms)?;
                Ok::<_, QueueError>((received, next.map(|at| at.saturating_sub(work.now_ms))))
            });
            let (received, next_ms) = answer.await??;
            if !received.is_empty() || Instant::now() >= deadline {
                return Ok(received);
            }
            let next = next_ms.map_or(LOOK_AGAIN, |ms| Duration::from_millis(ms).min(LOOK_AGAIN));
            let until = deadline.min(Instant::now() + next);
            if let Some(arrivals) = self.engine.arrivals(queue) {
                // Woken or not, the queue is looked at again.
                let _woken = timeout_at(until, arrivals.notified()).await;
            }
        }
    }

    /// Deletes the messages of receipt handles. A handle that is no longer of the latest receive deletes
    /// nothing.
    ///
    /// # Errors
    /// The queue is unknown or never gave one of the handles (those before it are deleted); or the store
    /// cannot serve, in which case nothing was deleted.
    pub async fn delete(&self, queue: &str, receipts: &[String]) -> Result<(), QueueError> {
        let (queue, receipts) = (queue.to_owned(), receipts.to_vec());
        let delete = move |work: &mut crate::engine::Work<'_>| {
            receipts.iter().try_for_each(|receipt| work.model.delete(&queue, receipt))
        };
        Ok(self.engine.apply(delete).await??)
    }

    /// Hides messages in flight for `seconds` from now; 0 makes them visible at once.
    ///
    /// # Errors
    /// As of [`Queues::delete`]; and a message that is not in flight is refused.
    pub async fn change_visibility(
        &self,
        queue: &str,
        receipts: &[String],
        seconds: u32,
    ) -> Result<(), QueueError> {
        let (queue, receipts) = (queue.to_owned(), receipts.to_vec());
        let change = move |work: &mut crate::engine::Work<'_>| {
            let now_ms = work.now_ms;
            receipts
                .iter()
                .try_for_each(|receipt| work.model.change_visibility(&queue, receipt, seconds, now_ms))
        };
        Ok(self.engine.apply(change).await??)
    }

    /// How full each queue is, dead-letter queues included, in order of name.
    pub fn depths(&self) -> Vec<QueueDepth> {
        self.engine.look(|model, now_ms| {
            model.depths(now_ms).into_iter().map(|(queue, depth)| QueueDepth { queue, depth }).collect()
        })
    }
}
