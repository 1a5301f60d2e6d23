//! One suite for each port, run against every adapter of it.
//!
//! A suite is a list of async functions over a trait: the port, and as much of a world around it as is needed
//! to see what the port did. `matrix` holds each adapter to its suites with one line each, so that a new
//! adapter gets every case. What only one adapter can show lies apart: `hooks` (faults in memory) and
//! `faults` (AWS that refuses, fails, throttles, hangs or loses answers).
//!
//! The suites of topics and queues also run against an independent implementation of SNS and SQS, which the tests
//! install and start themselves (`adapters::ministack`).
//!
//! A suite has the cases that somebody thought of. `fidelity` has those that nobody did: the same generated
//! operations on the memory adapters and on the real ones, and on the queue model and on the endpoints over it, in
//! lockstep. Any answer that differs fails.

#![cfg(test)]

mod fixtures;
mod running;

mod suites;

mod adapters;

mod matrix;

mod faults;
mod fidelity;
mod hooks;
mod settings;
