//! The stores over DynamoDB.

mod donations;
mod item;
mod journal;
mod notifications;

pub use donations::DynamoDonations;
pub use journal::DynamoJournal;
pub use notifications::DynamoNotifications;

/// Key of an item that no store ever holds, for calls that are made for their connection alone: it is not of the form
/// of any id.
const NOBODY: &str = "warm-up";
