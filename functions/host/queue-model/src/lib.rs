//! The rules of SQS and SNS as one pure state machine.
//!
//! [`Model`] holds queues, topics and messages. It has no clock, no I/O and no randomness: every call takes
//! the time (`now_ms`, milliseconds since the Unix epoch) and ids come from a counter that the seed
//! disguises. The same calls with the same arguments give the same answers, so the model serves a live
//! endpoint and a simulator alike.
//!
//! Whoever hosts the model keeps its state: every accepted call leaves [`Change`] records, and
//! [`Model::restore`] takes the entries back after a crash. Configuration (queues, topics, subscriptions) is
//! given anew at each start.
//!
//! Modules in reading order: [`message`] (what travels, and the rules it must meet), [`digest`] (MD5 as SQS
//! computes it), [`ident`] (ids and receipt handles), [`batch`] (rules of a batch), [`queue`] (one queue),
//! [`policy`] (filter policies), [`topic`] (topics and subscriptions), [`model`] (the whole), [`answer`]
//! (what it answers), [`refusal`] (every way it says no).

pub mod answer;
pub mod batch;
pub mod digest;
mod fanout;
pub mod ident;
pub mod message;
pub mod model;
mod moves;
mod number;
mod parked;
pub mod policy;
pub mod queue;
mod receiving;
pub mod refusal;
pub mod topic;

#[cfg(test)]
mod tests;

pub use answer::{Depth, MoveStatus, MoveTask, PerEntry, Received, Sent};
pub use message::{Attribute, Attributes, Message, Outgoing, Value};
pub use model::Model;
pub use queue::{Change, Entry, QueueSettings, Redrive, What};
pub use refusal::Refusal;
pub use topic::{Publication, Published, Subscription};
