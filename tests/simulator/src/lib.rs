//! One seed, one history: the whole pipeline over its shipped handlers, in a world that goes wrong.
//!
//! A run draws everything from its seed: who gives what with which card, who goes on next, and what goes
//! wrong where. Three streams of random numbers keep the three apart, so that a run can be had again without
//! some of its faults.
//!
//! - **Handlers** are the shipped ones, from Lambda's event to Lambda's answer. The ports under them are the
//!   twins in memory; every call gives way before and after its effect, and may be turned away, lost on
//!   either way, late or slow.
//! - **Queues and topic** follow the rules of SQS and SNS in the same state machine that the local host runs on.
//! - **The provider** keeps keys for as long as it promises, stores 500s, changes its mind, loses and doubles
//!   webhooks.
//! - **A process dies** when its future is dropped, at any point where it waits.
//!
//! First everything goes wrong, then nothing does and everything must settle, and then it is reckoned up:
//! nothing lost, nothing taken twice, our state the provider's, the books balanced, one receipt at most.

mod checks;
mod donors;
mod drawn;
mod environment;
mod executor;
mod faults;
mod functions;
mod invoke;
mod knobs;
mod people;
mod provider;
mod queues;
mod random;
mod run;
mod shrink;
mod sim;
mod tally;
mod trace;
mod traffic;

pub use faults::{Class, Fault};
pub use knobs::Knobs;
pub use run::{Options, Report, run};
pub use shrink::shrink;
pub use tally::Tally;
