//! AWS endpoints of one's own, on the loopback interface: what the pipeline needs of DynamoDB, SQS, SNS, SES,
//! Secrets Manager and S3, spoken as the official SDKs speak it and kept in one folder.
//!
//! [`start`] makes the tables, queues, topics, subscriptions and buckets of the topology and listens on two
//! ports of 127.0.0.1: one for S3, one for everything else, told apart by what each protocol sends. An action
//! or service that is not here answers with an error that says so. The one access key id let in is
//! [`ACCESS_KEY_ID`]; S3 verifies signatures, the others do not.
//!
//! Whatever was answered survives the death of the process at any instant. A power cut spares the tables, and
//! may take the last moments of queues, e-mails and objects, which are not forced to the disk one by one.
//! What a full disk cannot take is answered with an error, and nothing of it is kept.
//!
//! Modules in reading order: [`settings`], [`clock`], [`folder`], [`store`] (the file), [`engine`] (the
//! thread that owns it), [`queues`] and [`parked`] (for this process), [`activity`], [`calls`] (counts),
//! [`mail`]; then [`listener`], [`front`] (the front door) and [`reply`], the services behind it
//! ([`dynamodb`], [`sqs`], [`sns`], [`ses`], [`secrets`]), [`s3`], and [`start`].

mod activity;
mod calls;
mod clock;
mod dynamodb;
mod engine;
mod error;
mod folder;
mod front;
mod listener;
mod mail;
mod now;
mod parked;
mod queues;
mod reply;
mod s3;
mod secrets;
mod ses;
mod settings;
mod sns;
mod sqs;
mod start;
mod store;

pub use activity::Activity;
pub use calls::{ActionCount, Counters, RequestCount, UNNAMED, WriteUnits};
pub use clock::Clock;
pub use dynamodb::create_table_request;
pub use error::{MailError, QueueError, ReadError, StartError, Unavailable};
pub use mail::MailSummary;
pub use parked::{AuditRow, DeadLetter, Deed, Note, Return};
pub use queue_model::{Depth, Received};
pub use queues::{QueueDepth, Queues};
pub use settings::{
    ACCESS_KEY_ID, ACCOUNT, REGION, SECRET_ACCESS_KEY, Settings, dead_letters_of, queue_arn, secret_arn,
    topic_arn,
};
pub use start::{AwsLocal, start};
