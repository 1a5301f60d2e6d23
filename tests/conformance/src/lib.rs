//! One suite for each port, run against every adapter of it.
//!
//! A suite is a list of async functions over a trait: the port, and as much of a world around it as is needed
//! to see what the port did. `matrix` holds each adapter to its suites with one line each, so that a new
//! adapter gets every case. What only one adapter can show lies apart: `hooks` (faults in memory) and
//! `faults` (AWS that refuses, fails, throttles, hangs or loses answers).
//!
//! With `OUTPOUR_MINISTACK` in the environment the suites of topics and queues run against an independent
//! implementation of SNS and SQS as well; `adapters::ministack` says how to start it.

#![cfg(test)]

mod fixtures;
mod running;

mod suites;

mod adapters;

mod matrix;

mod faults;
mod hooks;
mod settings;
