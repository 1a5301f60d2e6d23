//! Stripe's own SDKs as judges: of what our connector sends, of whose webhooks it believes, and of what our
//! sandbox and our recorded payloads say in Stripe's name.
//!
//! The SDKs come from npm and PyPI in pinned versions, and install themselves. They are the newest public
//! statement of what Stripe accepts and answers; what Stripe itself does, only Stripe can show.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/child.rs"]
mod child;
#[path = "../common/recorder.rs"]
mod recorder;
#[path = "../common/tools.rs"]
mod tools;

mod child_runs;

mod fixtures;
mod running;
mod schemas;
mod sdks;
mod verifier;

mod parameters;
mod requests;

mod webhooks_accepted;
mod webhooks_refused;

mod sandbox_answers;
mod sandbox_faults;
mod sandbox_parameters;
mod sandbox_shapes;
