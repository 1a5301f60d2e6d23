//! GoCardless's own SDKs as judges: of what our connector sends, of whose webhooks it believes, and of what our
//! sandbox and our recorded payloads say in GoCardless's name.
//!
//! The SDKs come from npm and PyPI in pinned versions, and install themselves. They are the newest public statement of
//! what GoCardless accepts and answers; what GoCardless itself does, only GoCardless can show.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../common/child.rs"]
mod child;
#[path = "../common/recorder.rs"]
mod recorder;
#[path = "../common/tools.rs"]
mod tools;

mod fixtures;
mod sdks;

mod errors;
mod payloads;
mod requests;
mod webhooks;

mod sandbox_running;

mod sandbox_answers;
mod sandbox_shapes;
mod sandbox_webhooks;
