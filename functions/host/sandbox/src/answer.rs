//! An answer as it is stored and sent.

use serde_json::Value;

/// A status and the exact bytes of a JSON body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// Prints a body, indented as Stripe indents its own.
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        Self { status, body: format!("{body:#}\n").into_bytes() }
    }
}
