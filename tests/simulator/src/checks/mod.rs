//! What must hold: after each step where that is cheap, and at the end in full.

mod books;
mod edges;
mod end;
mod step;

pub(crate) use step::Seen;
