//! `decide` and `evolve`: a table of every state and command, laws over any sequence of commands and every
//! order of the news, and every way in which the steps around them can meet.

pub(crate) mod samples;
pub(crate) mod samples_money;

mod owing;
mod table;
mod taken_back;

mod books;
mod orders;

mod diagram;
mod laws;

mod exploration;
