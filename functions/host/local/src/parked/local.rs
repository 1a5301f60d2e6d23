//! The dead-letter queues of this host.

use aws_local::{AuditRow, AwsLocal, DeadLetter, Note, QueueError, Return};
use queue_model::{Attributes, Refusal};

use super::{DeskError, Letters};

/// Most messages of one commit, so that others need not wait long.
const COMMIT_MAX: usize = 100;

/// The dead-letter queues of this host's AWS endpoints.
#[derive(Clone, Copy)]
pub struct LocalLetters<'a>(pub &'a AwsLocal);

impl Letters for LocalLetters<'_> {
    async fn letters(&self, queue: &str) -> Result<Vec<DeadLetter>, DeskError> {
        self.0.queues().dead_letters(queue).map_err(error)
    }

    async fn edit(
        &self,
        queue: &str,
        id: &str,
        body: String,
        attributes: Attributes,
        note: Note,
    ) -> Result<(), DeskError> {
        self.0.queues().edit_dead_letter(queue, id, body, attributes, note).await.map_err(error)
    }

    async fn send_back(
        &self,
        queue: &str,
        mut returns: Vec<Return>,
    ) -> Result<Vec<(String, Option<String>)>, DeskError> {
        let mut ids = Vec::with_capacity(returns.len());
        while !returns.is_empty() {
            let some = returns.drain(..returns.len().min(COMMIT_MAX)).collect();
            ids.extend(self.0.queues().return_dead_letters(queue, some).await.map_err(error)?);
        }
        Ok(ids)
    }

    async fn discard(&self, queue: &str, id: &str, note: Note) -> Result<(), DeskError> {
        self.0.queues().discard_dead_letter(queue, id, note).await.map_err(error)
    }

    fn history(&self, id: &str) -> Result<Vec<AuditRow>, DeskError> {
        self.0.parked_history(id).map_err(|error| DeskError::Unavailable(error.to_string()))
    }

    fn audit(&self, after: u64, max: u32) -> Result<Vec<AuditRow>, DeskError> {
        self.0.parked_audit(after, max).map_err(|error| DeskError::Unavailable(error.to_string()))
    }
}

fn error(error: QueueError) -> DeskError {
    match error {
        QueueError::Refused(refusal @ (Refusal::UnknownQueue(_) | Refusal::NoSuchMessage { .. })) => {
            DeskError::NotFound(refusal.to_string())
        }
        QueueError::Refused(refusal) => DeskError::Refused(refusal.to_string()),
        QueueError::Unavailable(why) => DeskError::Unavailable(why.to_string()),
    }
}
