//! The ports over AWS: the one package that names an AWS SDK.
//!
//! - Clients are built by hand from the values that Lambda puts into the environment, share one HTTP client, and are
//!   made when the first adapter asks for them, so a function pays for the services that it uses and no others.
//! - Every call has a time limit for each attempt and one for all attempts together.
//! - A fault names the call, the resource and AWS's error code. AWS's own message is left out, because some messages
//!   repeat what was sent: SES names the donor's address, DynamoDB the value that it did not like.
//!
//! Modules in reading order: what holds no SDK, the connection, the calls, then one module for each service.

mod system;
mod zone_calendar;

mod connection;
mod limits;

mod call;

mod dynamodb;
mod s3_exports;
mod secrets;
mod ses_mailer;
mod sns_events;
mod sqs;

pub use call::CallError;
pub use connection::{Aws, AwsSettings, ConnectError};
pub use dynamodb::{
    DynamoBudgets, DynamoDonations, DynamoJournal, DynamoNotifications, DynamoReadings, DynamoVelocity,
    DynamoWorkList,
};
pub use s3_exports::S3Exports;
pub use secrets::{SecretsManagerCredentials, SecretsManagerKeys};
pub use ses_mailer::{MalformedSender, SesMailer};
pub use sns_events::SnsEvents;
pub use sqs::{SqsDeadLetters, SqsNotificationQueue};
pub use system::{ClockIsSet, SystemClock, TokioPause, UuidIds};
pub use zone_calendar::{UnknownZone, ZoneCalendar};
