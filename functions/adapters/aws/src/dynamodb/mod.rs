//! The stores over DynamoDB.

mod budgets;
mod donations;
mod item;
mod journal;
mod notifications;
mod readings;
mod velocity;
mod versioned;
mod work;

pub use budgets::DynamoBudgets;
pub use donations::DynamoDonations;
pub use journal::DynamoJournal;
pub use notifications::DynamoNotifications;
pub use readings::DynamoReadings;
pub use velocity::DynamoVelocity;
pub use work::DynamoWorkList;

/// Key of an item that no store ever holds, for calls that are made for their connection alone: it is not of the form
/// of any id.
const NOBODY: &str = "warm-up";
