//! The local host: the whole pipeline on one machine, and the operator's command line.
//!
//! It runs the functions' real binary under the Lambda Runtime API, feeds it from HTTP, queues and schedules as the
//! topology says, and gives it AWS endpoints and a payment provider on the loopback interface.
//!
//! Modules in reading order.

pub mod random;

pub mod clock;

pub mod signature;

pub mod aws;

mod records;

pub mod runtime;

pub mod triggers;

pub mod stack;

pub mod parked;

pub mod operator;

pub mod deployed;

pub mod proof;
