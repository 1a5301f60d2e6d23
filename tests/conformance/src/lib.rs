//! tests-conformance.
