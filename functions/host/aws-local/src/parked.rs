//! Dead letters in the hands of a person: looked at, mended, sent back or thrown away, each in one commit
//! with the account of who did it and why.

use std::sync::Arc;

use queue_model::{
    Attributes, Message, Refusal,
    message::{ATTRIBUTES_MAX, check_attributes},
};

use crate::{
    activity::{donation_of, event_type},
    engine::Work,
    error::QueueError,
    queues::Queues,
    settings::dead_letters_of,
};

/// A message in a dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its number: unique over all queues, greater for later ones, kept while it lies there.
    pub number: u64,
    /// The message.
    pub message: Arc<Message>,
    /// When it was first sent, which retention counts from; milliseconds since the epoch, as all times here.
    pub sent_at_ms: u64,
    /// When it came to the dead-letter queue.
    pub parked_at_ms: u64,
    /// How often it was received.
    pub receives: u32,
    /// Whether it was received too often; otherwise somebody sent it here.
    pub failed: bool,
    /// Whether a receiver holds it now, so that nothing can be done to it.
    pub held: bool,
}

/// Who does something to a dead letter, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Who.
    pub by: String,
    /// Why; may be empty where none is asked for.
    pub why: String,
    /// Why the message was parked.
    pub reason: String,
}

/// What was done to a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// It was given another body.
    Edited,
    /// It was sent back to its queue.
    Replayed,
    /// It was thrown away.
    Discarded,
}

impl Deed {
    const ALL: [Self; 3] = [Self::Edited, Self::Replayed, Self::Discarded];

    /// The deed's name as it is kept and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Edited => "edited",
            Self::Replayed => "replayed",
            Self::Discarded => "discarded",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|deed| deed.name() == name)
    }
}

/// A row of the account of what was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Its number; later rows have greater ones.
    pub number: u64,
    /// When, milliseconds since the epoch.
    pub at_ms: u64,
    /// What.
    pub deed: Deed,
    /// The queue that the message was meant for.
    pub queue: String,
    /// The message.
    pub message_id: String,
    /// The id that a replayed message has in its queue.
    pub new_message_id: Option<String>,
    /// The donation that the message names.
    pub donation_id: Option<String>,
    /// Who and why.
    pub note: Note,
    /// The body before.
    pub before: String,
    /// The body after an edit.
    pub after: Option<String>,
}

/// A dead letter to send back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// The message's id.
    pub id: String,
    /// The attributes to send it with.
    pub attributes: Attributes,
    /// Who and why.
    pub note: Note,
}

impl Queues {
    /// The messages in a queue's dead-letter queue, in order of arrival there or in the queue. Those past
    /// their retention are left out.
    ///
    /// # Errors
    /// There is no such queue.
    pub fn dead_letters(&self, queue: &str) -> Result<Vec<DeadLetter>, QueueError> {
        let name = dead_letters_of(queue);
        let letters = self.engine.look(|model, now_ms| {
            let letters = model.entries(&name, now_ms)?.map(|entry| DeadLetter {
                number: entry.number,
                message: Arc::clone(&entry.message),
                sent_at_ms: entry.sent_at,
                parked_at_ms: entry.dead_lettered_at.unwrap_or(entry.sent_at),
                receives: entry.receives,
                failed: entry.source.is_some(),
                held: entry.visible_at > now_ms,
            });
            Ok::<_, Refusal>(letters.collect())
        });
        Ok(letters?)
    }

    /// Gives a message of a queue's dead-letter queue another body and other attributes; its id stays.
    ///
    /// # Errors
    /// There is no such queue, or no such message that nobody holds, or SQS does not carry the new content;
    /// or the store cannot serve. Nothing was changed.
    pub async fn edit_dead_letter(
        &self,
        queue: &str,
        id: &str,
        body: String,
        attributes: Attributes,
        note: Note,
    ) -> Result<(), QueueError> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        let edit = move |work: &mut Work<'_>| {
            let letters = dead_letters_of(&queue);
            let old = message(work, &letters, &id)?;
            work.model.edit_dead_letter(&letters, &id, body.clone(), attributes, work.now_ms)?;
            account(work, Deed::Edited, &queue, &old, None, Some(body), note);
            Ok::<_, QueueError>(())
        };
        self.engine.apply(edit).await?
    }

    /// Sends messages of a queue's dead-letter queue back to the queue, as new messages, in one commit: each
    /// is in one of the two at every moment. Gives their new ids; none for a message that is not there any
    /// more or that a receiver holds.
    ///
    /// # Errors
    /// There is no such queue, or SQS does not carry the attributes; or the store cannot serve. Nothing was
    /// moved.
    pub async fn return_dead_letters(
        &self,
        queue: &str,
        returns: Vec<Return>,
    ) -> Result<Vec<(String, Option<String>)>, QueueError> {
        let queue = queue.to_owned();
        let give_back = move |work: &mut Work<'_>| {
            let letters = dead_letters_of(&queue);
            work.model.settings(&letters)?;
            for one in &returns {
                if one.attributes.len() > ATTRIBUTES_MAX {
                    return Err(Refusal::TooManyAttributes(one.attributes.len()).into());
                }
                check_attributes(&one.attributes)?;
            }
            let mut ids = Vec::with_capacity(returns.len());
            for Return { id, attributes, note } in returns {
                let Ok(old) = message(work, &letters, &id) else {
                    ids.push((id, None));
                    continue;
                };
                match work.model.return_dead_letter(&letters, &id, &queue, attributes, work.now_ms) {
                    Ok(new_id) => {
                        account(work, Deed::Replayed, &queue, &old, Some(new_id.clone()), None, note);
                        ids.push((id, Some(new_id)));
                    }
                    Err(Refusal::NoSuchMessage { .. }) => ids.push((id, None)),
                    // The queues exist and the attributes were checked, so that nothing is left half done.
                    Err(other) => return Err(other.into()),
                }
            }
            Ok::<_, QueueError>(ids)
        };
        self.engine.apply(give_back).await?
    }

    /// Removes a message from a queue's dead-letter queue. Its body stays in the account.
    ///
    /// # Errors
    /// There is no such queue, or no such message that nobody holds; or the store cannot serve. Nothing was
    /// removed.
    pub async fn discard_dead_letter(&self, queue: &str, id: &str, note: Note) -> Result<(), QueueError> {
        let (queue, id) = (queue.to_owned(), id.to_owned());
        let discard = move |work: &mut Work<'_>| {
            let letters = dead_letters_of(&queue);
            let old = work.model.discard_dead_letter(&letters, &id, work.now_ms)?.message;
            account(work, Deed::Discarded, &queue, &old, None, None, note);
            Ok::<_, QueueError>(())
        };
        self.engine.apply(discard).await?
    }
}

fn message(work: &Work<'_>, letters: &str, id: &str) -> Result<Arc<Message>, Refusal> {
    let found = work.model.entries(letters, work.now_ms)?.find(|entry| entry.message.id == id);
    let missing = || Refusal::NoSuchMessage { queue: letters.to_owned(), id: id.to_owned() };
    found.map(|entry| Arc::clone(&entry.message)).ok_or_else(missing)
}

/// Writes down what was done, for the account and for the donation's timeline.
fn account(
    work: &mut Work<'_>,
    deed: Deed,
    queue: &str,
    old: &Message,
    new_message_id: Option<String>,
    after: Option<String>,
    note: Note,
) {
    let donation_id = donation_of(&old.attributes, &old.body);
    if let Some(donation_id) = &donation_id {
        let detail = format!("{queue} {} {} by {}", event_type(&old.attributes), old.id, note.by);
        work.note(donation_id.clone(), &format!("parked.{}", deed.name()), detail);
    }
    work.audit(AuditRow {
        number: 0,
        at_ms: work.now_ms,
        deed,
        queue: queue.to_owned(),
        message_id: old.id.clone(),
        new_message_id,
        donation_id,
        note,
        before: old.body.clone(),
        after,
    });
}
