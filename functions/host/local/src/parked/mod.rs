//! Parked messages: those in dead-letter queues, which wait for a person to look at them, mend them and send
//! them back.
//!
//! [`Desk`] holds the rules and knows nothing of where the queues are: [`Letters`] is all that it asks of
//! them. Here they are this host's own, where each deed and its account are one commit. Over SQS itself each
//! deed would be a send followed by a delete, with the account written first: at worst a message would be
//! doubled, never lost.
//!
//! Modules in reading order.

pub mod view;

mod reason;
mod rules;

mod desk;
mod local;

pub use desk::{Desk, Parked, Pick};
pub use local::LocalLetters;
pub use rules::BadBody;

use std::future::Future;

use aws_local::{AuditRow, DeadLetter, Note, Return};
use queue_model::Attributes;

/// Why nothing was done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeskError {
    /// There is no such queue or message, or a receiver holds the message.
    #[error("{0}")]
    NotFound(String),
    /// What was asked for is not allowed; the text names the field.
    #[error("{0}")]
    Refused(String),
    /// The new body is no message of the queue.
    #[error(transparent)]
    BadBody(#[from] BadBody),
    /// The queues cannot serve; it may be tried again.
    #[error("the queues cannot serve: {0}")]
    Unavailable(String),
}

/// Dead-letter queues by the name of the queue that they belong to, and the account of what is done to what
/// lies in them. Every deed is either done and accounted for, or not done.
pub trait Letters {
    /// What lies in a queue's dead-letter queue, in whatever sequence.
    ///
    /// # Errors
    /// There is no such queue, or it cannot be read.
    fn letters(&self, queue: &str) -> impl Future<Output = Result<Vec<DeadLetter>, DeskError>> + Send;

    /// Gives a message another body and other attributes.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is gone or held; nothing was changed.
    fn edit(
        &self,
        queue: &str,
        id: &str,
        body: String,
        attributes: Attributes,
        note: Note,
    ) -> impl Future<Output = Result<(), DeskError>> + Send;

    /// Sends messages back to their queue, and gives their new ids; none for those that are gone or held. A
    /// message is at every moment in its dead-letter queue or in its queue; in both, at worst.
    ///
    /// # Errors
    /// Some may have been sent back.
    fn send_back(
        &self,
        queue: &str,
        returns: Vec<Return>,
    ) -> impl Future<Output = Result<Vec<(String, Option<String>)>, DeskError>> + Send;

    /// Throws a message away; its body stays in the account.
    ///
    /// # Errors
    /// [`DeskError::NotFound`] when it is gone or held; nothing was changed.
    fn discard(
        &self,
        queue: &str,
        id: &str,
        note: Note,
    ) -> impl Future<Output = Result<(), DeskError>> + Send;

    /// What was done to a message, oldest first.
    ///
    /// # Errors
    /// The account cannot be read.
    fn history(&self, id: &str) -> Result<Vec<AuditRow>, DeskError>;

    /// At most `max` rows of the account after the one with number `after`, oldest first.
    ///
    /// # Errors
    /// The account cannot be read.
    fn audit(&self, after: u64, max: u32) -> Result<Vec<AuditRow>, DeskError>;
}
