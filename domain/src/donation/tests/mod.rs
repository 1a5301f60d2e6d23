//! `decide` and `evolve`: a table of every state and command, laws over any sequence of commands, and every
//! way in which the steps around them can meet.

mod samples;

mod table;

mod laws;

mod exploration;
