//! The payment providers as the pipeline may meet them at their worst, within what they promise.

mod cards;
mod disputes;
mod keys;
mod mischief;
mod model;
mod money;
mod news;
mod port;

pub(crate) use cards::{Card, Change};
pub(crate) use model::{Model, Payment, Standing};
pub(crate) use news::{Body, Mouth, Reader, SIGNATURE, Told};
pub(crate) use port::Connector;
