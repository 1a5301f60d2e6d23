//! The endpoints as the official SDKs meet them, on a folder of their own for every test.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod buckets;
mod damage;
mod full_disk;
mod kill;
mod mail;
mod many_at_once;
mod parked;
mod process;
mod queues;
mod redrive;
mod refusals;
mod restart;
mod secrets;
mod setup;
mod tables;
mod topics;
