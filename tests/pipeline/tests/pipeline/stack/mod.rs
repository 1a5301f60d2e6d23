//! A stack of one's own: started, spoken to, stopped, killed and started again.
//!
//! Modules in reading order.

pub(crate) mod topology;

pub(crate) mod binaries;
mod options;

mod running;

pub(crate) mod offer;

pub(crate) mod api;
mod clock;
mod operator;
pub(crate) mod parked;
mod provider;
mod tables;

pub(crate) mod command;

pub(crate) mod door;
pub(crate) mod rules;

pub(crate) mod found;

pub(crate) use api::Accepted;
pub(crate) use offer::Offer;
pub(crate) use options::Options;
pub(crate) use running::{Stack, client};
