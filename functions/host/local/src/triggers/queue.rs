//! The event source mapping: messages of a queue, in batches, to a function.
//!
//! A message that is not done stays as it is: hidden until its visibility timeout ends, and then received again.

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use queue_model::Received;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};

use super::{batch, message};
use crate::runtime::{InvokeError, Pool};

/// How long one receive waits for messages. Short, because asking costs nothing here and the answer to a stop waits
/// for it: a receive that is broken off could leave a message hidden that nobody has.
const POLL: Duration = Duration::from_secs(1);
/// Most messages that one receive returns.
const RECEIVE_MAX: u32 = 10;
/// Pauses between tries of a receive, a delete or a throttled invocation.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// Tries of a delete before it is left to the visibility timeout.
const DELETE_TRIES_MAX: u32 = 5;

/// Where messages come from.
pub trait Source: Send + Sync + 'static {
    /// Receives up to `max` messages (at most ten) and hides them, waiting up to `wait` for the first.
    ///
    /// # Errors
    /// A sentence that says why nothing could be received; it may be tried again.
    fn receive(
        &self,
        queue: &str,
        max: u32,
        wait: Duration,
    ) -> impl Future<Output = Result<Vec<Received>, String>> + Send;

    /// Deletes received messages (at most ten).
    ///
    /// # Errors
    /// A sentence that says why some may still be there; it may be tried again.
    fn delete(&self, queue: &str, receipts: Vec<String>) -> impl Future<Output = Result<(), String>> + Send;
}

/// What is mapped to what.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// The queue.
    pub queue: String,
    /// Most messages in one invocation.
    pub batch_size: u32,
    /// How long to wait for a batch to fill.
    pub batch_window: Duration,
    /// Most invocations at once.
    pub concurrency_max: usize,
    /// How long a received message stays hidden: a throttled batch is not tried beyond it.
    pub visibility: Duration,
}

/// Feeds the function until `stop` is true, and then waits until the batches under way have been handled.
///
/// A place among the invocations at once is taken before anything is received, so no message is received that could
/// not be handled: receiving more would use up receive counts and send healthy messages to the dead-letter queue.
pub async fn run<S: Source>(source: Arc<S>, mapping: Mapping, pool: Arc<Pool>, stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(mapping.concurrency_max));
    let all = u32::try_from(mapping.concurrency_max).expect("a concurrency is a small number");
    while !*stop.borrow() {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let messages = gather(source.as_ref(), &mapping).await;
        if messages.is_empty() {
            continue;
        }
        let (source, mapping, pool) = (Arc::clone(&source), mapping.clone(), Arc::clone(&pool));
        tokio::spawn(async move {
            handle(source.as_ref(), &mapping, &pool, &messages).await;
            drop(place);
        });
    }
    // Every place is free again when every batch has been handled; the semaphore is never closed.
    if places.acquire_many(all).await.is_err() {
        tracing::debug!("the places were closed");
    }
}

/// Waits for messages, and then for more until the batch is full or its window has passed.
async fn gather<S: Source>(source: &S, mapping: &Mapping) -> Vec<Received> {
    let mut messages = receive(source, mapping, mapping.batch_size, POLL).await;
    let until = Instant::now() + mapping.batch_window;
    loop {
        let have = u32::try_from(messages.len()).unwrap_or(u32::MAX);
        let room = mapping.batch_size.saturating_sub(have);
        let left = until.saturating_duration_since(Instant::now());
        if messages.is_empty() || room == 0 || left.is_zero() {
            return messages;
        }
        messages.extend(receive(source, mapping, room, left).await);
    }
}

async fn receive<S: Source>(source: &S, mapping: &Mapping, room: u32, wait: Duration) -> Vec<Received> {
    match source.receive(&mapping.queue, room.min(RECEIVE_MAX), wait).await {
        Ok(messages) => messages,
        Err(error) => {
            tracing::warn!(queue = mapping.queue, "messages cannot be received: {error}");
            sleep(RETRY_PAUSE).await;
            Vec::new()
        }
    }
}

/// Runs one batch and deletes what is done.
async fn handle<S: Source>(source: &S, mapping: &Mapping, pool: &Arc<Pool>, messages: &[Received]) {
    let event = message::event(&mapping.queue, messages);
    let received_at = Instant::now();
    let result = loop {
        match pool.invoke(event.clone().into()).await {
            // Lambda tries a throttled batch again for as long as its messages stay hidden.
            Err(InvokeError::Throttled { .. })
                if received_at.elapsed() + RETRY_PAUSE < mapping.visibility =>
            {
                sleep(RETRY_PAUSE).await;
            }
            result => break result,
        }
    };
    let ids: BTreeSet<&str> = messages.iter().map(|received| received.message.id.as_str()).collect();
    let failed = match &result {
        Ok(response) => match batch::read(response, &ids) {
            batch::BatchOutcome::Partial { failed } => failed,
            batch::BatchOutcome::AllFailed { why } => {
                tracing::error!(
                    queue = mapping.queue,
                    messages = ids.len(),
                    "a whole batch counts as failed: {why}"
                );
                return;
            }
        },
        Err(error) => {
            tracing::warn!(queue = mapping.queue, messages = ids.len(), "a batch failed: {error}");
            return;
        }
    };
    let done = messages.iter().filter(|received| !failed.contains(received.message.id.as_str()));
    let receipts: Vec<String> = done.map(|received| received.receipt.clone()).collect();
    for receipts in receipts.chunks(usize::try_from(RECEIVE_MAX).expect("ten is a length")) {
        delete(source, &mapping.queue, receipts).await;
    }
}

async fn delete<S: Source>(source: &S, queue: &str, receipts: &[String]) {
    for _ in 0..DELETE_TRIES_MAX {
        match source.delete(queue, receipts.to_vec()).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(queue, "handled messages cannot be deleted: {error}"),
        }
        sleep(RETRY_PAUSE).await;
    }
    tracing::error!(
        queue,
        messages = receipts.len(),
        "handled messages stay in the queue and will be handled again"
    );
}
