//! The repository's rules, as tests: whatever is policy fails here and not in a review.

mod arrows;
mod documents;
mod files;
mod runbook;
mod scenarios;
mod sources;
mod workflows;
