//! A twin in memory of every port that stores, sends or calls: [`Memory`] is one small world that implements them all.
//!
//! - It holds the same items that lie in DynamoDB, in ordered maps, so that two runs meet them in one order.
//! - Its clock is virtual and its ids are counted. Nothing here reads a clock, makes a thread or opens a socket.
//! - Every call may be struck by a fault that a hook chooses: no effect and a known refusal, no effect and a lost
//!   answer, the effect and a lost answer, the effect long after the caller gave up, or a slow answer.
//! - Every call gives way to other tasks once before its effect and once after it, so that an executor can bring any
//!   two calls into any order.
//!
//! Modules in reading order: the world and its calls, then one module for each group of ports.

mod calls;
mod memory;

mod pauses;
mod world;

mod budgets;
mod donations;
mod events;
mod journal;
mod notifications;
mod provider;
mod readings;
mod reversals;
mod work;

mod exports;
mod mailer;
mod secrets;
mod velocity;

pub use calls::{Call, FaultChoice, Operation, Struck};
pub use mailer::SentMail;
pub use memory::Memory;
pub use notifications::Parked;
pub use provider::ProviderPayment;
