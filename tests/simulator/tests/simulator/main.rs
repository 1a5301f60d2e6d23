//! A fixed budget of seeds, seeds that found something once, and the simulator's own promises.

mod budget;
mod determinism;
mod past_seeds;
