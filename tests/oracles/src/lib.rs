//! tests-oracles.
