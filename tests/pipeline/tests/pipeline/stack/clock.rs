//! The stack's clock.

use serde_json::{Value, json};

use super::Stack;

impl Stack {
    /// Moves the stack's clock forward, as an operator does.
    pub(crate) async fn advance(&self, by: &str) {
        let ended = self.run_command(&["clock", "--advance", by]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}\n{}", self.tail());
    }

    /// The stack's clock: `now`, `now_ms` and `offset_seconds`.
    pub(crate) async fn clock(&self) -> Value {
        self.local("clock").await
    }

    /// Invocations of a function since the start.
    pub(crate) async fn invocations(&self, function: &str) -> u64 {
        let functions = self.local("functions").await;
        let one = functions.as_array().unwrap().iter().find(|one| one["function"] == function).unwrap();
        one["invocations"].as_u64().unwrap()
    }

    /// Asks for the clock to be moved by what it may not be moved by.
    pub(crate) async fn refused_advance(&self, seconds: Value) -> u16 {
        let body = json!({ "advance_seconds": seconds });
        let request = self.http.post(format!("{}/_local/clock", self.url)).json(&body);
        request.send().await.unwrap().status().as_u16()
    }
}
