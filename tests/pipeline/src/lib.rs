//! tests-pipeline.
