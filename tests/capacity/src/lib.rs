//! The capacity plan: what a step in donors does to the pipeline under the limits that AWS and the payment
//! provider publish, what it costs, and what to raise before a broadcast.
//!
//! A simulation in steps of a tenth of a second, one record for each donation. The shape of the pipeline
//! (functions, queues, batches, concurrency, visibility) is read from the topology, the provider's pace is
//! the domain's own budget, and the completer's bounds are its own constants, so that a change there
//! changes the plan. What a step of the pipeline costs is measured by the benchmark, or assumed and named
//! so in [`work`].
//!
//! Modules in reading order.

pub mod limits;
pub mod prices;
pub mod work;

pub mod settings;
pub mod shape;

mod bucket;
mod completer;
mod consumer;
mod donations;
mod door;
mod follow;
mod payments;
mod requests;

pub mod outcome;
pub mod run;

pub mod bill;
pub mod page;
pub mod plots;
mod sources;
mod table;
