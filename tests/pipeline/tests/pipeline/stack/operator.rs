//! The operator's endpoints, and what they say about one donation.

use std::time::Duration;

use serde_json::Value;

use super::Stack;
use super::api::Accepted;

impl Stack {
    /// An operator's endpoint.
    pub(crate) async fn local(&self, path: &str) -> Value {
        let answer = self.http.get(format!("{}/_local/{path}", self.url)).send().await.unwrap();
        assert!(answer.status().is_success(), "/_local/{path}: {}\n{}", answer.status(), self.tail());
        answer.json().await.unwrap()
    }

    /// Every item of a list of the operator's.
    pub(crate) async fn all(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut page = self.local(path).await;
        loop {
            items.append(page["items"].as_array_mut().unwrap());
            let Some(next) = page["next"].as_str() else { return items };
            page = self.local(&format!("{path}?after={next}")).await;
        }
    }

    /// A stored donation.
    pub(crate) async fn stored(&self, id: &str) -> Value {
        let mut donations = self.all("stored/donations").await;
        donations.retain(|donation| donation["id"] == id);
        assert_eq!(donations.len(), 1, "{id} is stored {} times", donations.len());
        donations.remove(0)
    }

    /// The journal entries of a donation.
    pub(crate) async fn entries_of(&self, id: &str) -> Vec<Value> {
        let mut entries = self.all("stored/entries").await;
        entries.retain(|entry| entry["donation_id"] == id);
        entries
    }

    /// Has the provider's own account of its balance read.
    pub(crate) async fn reconcile(&self) {
        let ended = self.run_command(&["reconcile"]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}\n{}", self.tail());
    }

    /// The e-mails that were handed over for a donation.
    pub(crate) async fn mails_of(&self, id: &str) -> Vec<Value> {
        self.local(&format!("mails?donation_id={id}")).await.as_array().unwrap().clone()
    }

    /// Messages in dead-letter queues.
    pub(crate) async fn dead_letters(&self) -> u64 {
        let queues = self.local("queues").await;
        queues.as_array().unwrap().iter().map(|queue| queue["dead_letters"].as_u64().unwrap()).sum()
    }

    /// Waits until nothing is owed to these donations.
    pub(crate) async fn until_settled(&self, accepted: &[Accepted], patience: Duration) {
        self.until("nothing owed", patience, async || {
            let owed = self.all("stored/owed").await;
            let settled = accepted.iter().all(|one| !owed.contains(&Value::from(one.id.as_str())));
            settled.then_some(())
        })
        .await;
    }

    /// Checks that everybody agrees: captured, one charge under one key, one entry, one receipt.
    pub(crate) async fn assert_captured_once(&self, accepted: &Accepted) {
        let id = &accepted.id;
        let seen = self.seen_by_donor(accepted).await;
        assert_eq!((&seen["status"], &seen["money_taken"]), (&"captured".into(), &"yes".into()), "{id}");
        let donation = self.stored(id).await;
        let captures = self.captures_of(id).await;
        assert_eq!(captures.len(), 1, "{id}: {captures:?}");
        assert_eq!(captures[0]["received_minor"], donation["minor"], "{id}");
        assert_eq!(
            captures[0]["reference"], donation["payment"]["takings"]["captures"][0]["reference"],
            "{id}"
        );
        assert_eq!(self.provider_keys_of(id).await.len(), 1, "{id}");
        let entries = self.entries_of(id).await;
        assert_eq!(entries.len(), 1, "{id}: {entries:?}");
        let mails = self.mails_of(id).await;
        assert_eq!(mails.len(), 1, "{id}: {mails:?}");
        assert_eq!(mails[0]["to"][0], donation["donor"]["email"], "{id}");
    }
}
