//! What makes a function run: an HTTP request, messages in a queue, a schedule.
//!
//! Modules in reading order.

pub mod http;

pub mod batch;
pub mod message;
pub mod queue;

pub mod schedule;
