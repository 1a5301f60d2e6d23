//! AWS when it fails: calls that are refused, turned away, answered with an error, cut off, or never
//! answered.

mod calls;
mod server;

mod answers;
mod codes;
mod lost_answers;
mod pages;
mod secrets;
mod warm_ups;
