//! The desk at which a person works on parked messages.

use std::collections::{BTreeMap, BTreeSet};

use aws_local::{AuditRow, DeadLetter, Note, Return};
use contracts::topology::Topology;
use queue_model::{Attribute, Attributes};
use serde::Deserialize;

use super::view::ParkedView;
use super::{DeskError, Letters, reason, rules};

/// Most messages that one request sends back; what is left is asked for again.
const REPLAY_MAX: usize = 10_000;
/// Most bytes of a name and of a reason why.
const BY_BYTES_MAX: usize = 100;
const WHY_BYTES_MAX: usize = 500;

/// A parked message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parked {
    /// The queue that it was meant for.
    pub queue: String,
    /// The message as it lies there.
    pub letter: DeadLetter,
    /// Why it was parked.
    pub reason: String,
}

/// Which messages are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pick {
    /// These, each of which must be there.
    Ids(BTreeSet<String>),
    /// All that were meant for this queue.
    Queue(String),
    /// All whose reason holds this text, in capitals or not.
    Reason(String),
}

/// The rules, over whichever dead-letter queues.
pub struct Desk<'a, L> {
    topology: &'a Topology,
    letters: L,
}

impl<'a, L: Letters + Sync> Desk<'a, L> {
    /// A desk over the topology's queues.
    pub const fn new(topology: &'a Topology, letters: L) -> Self {
        Self { topology, letters }
    }

    /// The messages that were meant for a queue, or all there are, in order of age.
    ///
    /// # Errors
    /// There is no such queue, or it cannot be read.
    pub async fn list(&self, queue: Option<&str>) -> Result<Vec<Parked>, DeskError> {
        let queues: Vec<&String> = match queue {
            None => self.topology.queues.keys().collect(),
            Some(name) => vec![self.known(name)?],
        };
        let mut parked = Vec::new();
        for queue in queues {
            let letters = self.letters.letters(queue).await?.into_iter();
            parked.extend(letters.map(|letter| {
                let reason = reason::of(&letter);
                Parked { queue: queue.clone(), letter, reason }
            }));
        }
        parked.sort_by_key(|parked| parked.letter.number);
        Ok(parked)
    }

    /// One message.
    ///
    /// # Errors
    /// There is none with this id.
    pub async fn find(&self, id: &str) -> Result<Parked, DeskError> {
        let found = self.list(None).await?.into_iter().find(|parked| parked.letter.message.id == id);
        found.ok_or_else(|| no_such(id))
    }

    /// What was done to a message, oldest first, also before it was replayed and failed again.
    ///
    /// # Errors
    /// The account cannot be read.
    pub fn history(&self, id: &str) -> Result<Vec<AuditRow>, DeskError> {
        self.letters.history(id)
    }

    /// At most `max` rows of the account after the one with number `after`, oldest first.
    ///
    /// # Errors
    /// The account cannot be read.
    pub fn audit(&self, after: u64, max: u32) -> Result<Vec<AuditRow>, DeskError> {
        self.letters.audit(after, max)
    }

    /// Gives a message another body, which must be a message of its queue. The attributes that repeat parts
    /// of the body follow it. The old body stays in the account.
    ///
    /// # Errors
    /// There is no such message that nobody holds, a name or reason is missing, or the body breaks a rule;
    /// nothing was changed.
    pub async fn edit(&self, id: &str, body: String, by: &str, why: &str) -> Result<(), DeskError> {
        let parked = self.find(id).await?;
        let note = note(&parked, by, &required("why", why)?)?;
        let envelope = rules::check(&body, &rules::kinds_of(self.topology, &parked.queue))?;
        let mut attributes = parked.letter.message.attributes.clone();
        attributes.insert("type".to_owned(), Attribute::text(envelope.kind));
        match envelope.donation_id {
            Some(donation_id) => {
                attributes.insert("donation_id".to_owned(), Attribute::text(donation_id));
            }
            None => {
                attributes.remove("donation_id");
            }
        }
        self.letters.edit(&parked.queue, id, body, attributes, note).await
    }

    /// The messages that a replay would send back, and how many more there are than one replay takes.
    ///
    /// # Errors
    /// There is no such queue, or a message that was named is not there.
    pub async fn pick(&self, pick: &Pick) -> Result<(Vec<Parked>, usize), DeskError> {
        let mut parked = match pick {
            Pick::Queue(queue) => self.list(Some(queue)).await?,
            Pick::Ids(_) | Pick::Reason(_) => self.list(None).await?,
        };
        match pick {
            Pick::Queue(_) => {}
            Pick::Ids(ids) => {
                parked.retain(|parked| ids.contains(&parked.letter.message.id));
                let found: BTreeSet<&String> =
                    parked.iter().map(|parked| &parked.letter.message.id).collect();
                if let Some(missing) = ids.iter().find(|id| !found.contains(id)) {
                    return Err(no_such(missing));
                }
            }
            Pick::Reason(text) => {
                let text = text.to_lowercase();
                parked.retain(|parked| parked.reason.to_lowercase().contains(&text));
            }
        }
        let left = parked.len().saturating_sub(REPLAY_MAX);
        parked.truncate(REPLAY_MAX);
        Ok((parked, left))
    }

    /// Sends messages back to their queues, and gives the id that each has there; none for one that went or
    /// was taken by a receiver meanwhile. The attributes that say why they were parked stay behind.
    ///
    /// # Errors
    /// The name is missing; nothing was sent back. Or the queues cannot serve: some may have been sent back.
    pub async fn replay(
        &self,
        parked: Vec<Parked>,
        by: &str,
        why: &str,
    ) -> Result<Vec<(Parked, Option<String>)>, DeskError> {
        let mut returns: BTreeMap<&str, Vec<Return>> = BTreeMap::new();
        for one in &parked {
            let message = &one.letter.message;
            let (id, attributes) = (message.id.clone(), without_reasons(&message.attributes));
            returns.entry(&one.queue).or_default().push(Return { id, attributes, note: note(one, by, why)? });
        }
        let mut new_ids = BTreeMap::new();
        for (queue, returns) in returns {
            new_ids.extend(self.letters.send_back(queue, returns).await?);
        }
        let with_id = |one: Parked| {
            let new_id = new_ids.remove(&one.letter.message.id).flatten();
            (one, new_id)
        };
        Ok(parked.clone().into_iter().map(with_id).collect())
    }

    /// Throws a message away. Its body stays in the account.
    ///
    /// # Errors
    /// There is no such message that nobody holds, or a name or reason is missing.
    pub async fn discard(&self, id: &str, by: &str, why: &str) -> Result<(), DeskError> {
        let parked = self.find(id).await?;
        let note = note(&parked, by, &required("why", why)?)?;
        self.letters.discard(&parked.queue, id, note).await
    }

    fn known(&self, queue: &str) -> Result<&'a String, DeskError> {
        let found = self.topology.queues.get_key_value(queue).map(|(name, _)| name);
        found.ok_or_else(|| {
            let known = self.topology.queues.keys().cloned().collect::<Vec<_>>().join(", ");
            DeskError::NotFound(format!("queue: there is no {queue:?}; the queues are {known}"))
        })
    }
}

impl From<&Parked> for ParkedView {
    fn from(parked: &Parked) -> Self {
        #[derive(Default, Deserialize)]
        struct Body {
            #[serde(rename = "type")]
            kind: Option<String>,
            donation_id: Option<String>,
        }
        let message = &parked.letter.message;
        let body: Body = serde_json::from_str(&message.body).unwrap_or_default();
        let attribute =
            |name: &str| message.attributes.get(name).and_then(Attribute::as_text).map(str::to_owned);
        Self {
            id: message.id.clone(),
            queue: parked.queue.clone(),
            kind: attribute("type").or(body.kind),
            donation_id: attribute("donation_id").or(body.donation_id),
            parked_at_ms: parked.letter.parked_at_ms,
            sent_at_ms: parked.letter.sent_at_ms,
            receives: parked.letter.receives,
            reason: parked.reason.clone(),
            held: parked.letter.held,
        }
    }
}

fn note(parked: &Parked, by: &str, why: &str) -> Result<Note, DeskError> {
    let by = required("by", by)?;
    for (field, text, max) in [("by", by.as_str(), BY_BYTES_MAX), ("why", why, WHY_BYTES_MAX)] {
        if text.len() > max || text.chars().any(char::is_control) {
            return Err(DeskError::Refused(format!("{field}: must be one line of at most {max} bytes")));
        }
    }
    Ok(Note { by, why: why.trim().to_owned(), reason: parked.reason.clone() })
}

fn required(field: &str, text: &str) -> Result<String, DeskError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DeskError::Refused(format!("{field}: must not be empty")));
    }
    Ok(text.to_owned())
}

fn without_reasons(attributes: &Attributes) -> Attributes {
    let ours = |name: &str| name != reason::REASON && !reason::UNDELIVERED.contains(&name);
    attributes
        .iter()
        .filter(|(name, _)| ours(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn no_such(id: &str) -> DeskError {
    let id: String = id.chars().take(64).collect();
    DeskError::NotFound(format!(
        "there is no parked message {id}; `outpour parked list` shows those there are"
    ))
}
