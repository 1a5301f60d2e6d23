//! What a function stands on: the Lambda Runtime API and AWS's endpoints, as small as they can be.
//!
//! They answer at once, so that what is measured is the function. A thread for each connection, blocking: there are
//! three connections at most.

mod aws;
mod runtime;
mod tls;

pub(crate) use aws::{Aws, Count};
pub(crate) use runtime::{Answered, Runtime};
pub(crate) use tls::Identity;
