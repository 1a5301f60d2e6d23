//! Publishing: one message in, a copy for every subscription that wants it.

use crate::{
    answer::PerEntry,
    batch,
    message::Outgoing,
    model::Model,
    refusal::Refusal,
    topic::{PUBLISH_BYTES_MAX, Publication, Published, Subscription},
};

impl Model {
    /// Publishes to a topic: every subscription whose filter policy lets the message through gets it.
    ///
    /// # Errors
    /// The topic is unknown, or the message breaks a rule. A delivery that fails is no error, as on AWS.
    pub fn publish(
        &mut self,
        topic: &str,
        publication: &Publication,
        now_ms: u64,
    ) -> Result<Published, Refusal> {
        self.topic(topic)?;
        publication.check()?;
        let (_, id) = self.next_id();
        let mut published = Published { id, ..Published::default() };
        for (subscription, outgoing) in self.deliveries(topic, publication, &published.id, now_ms)? {
            let queue = subscription.queue.clone();
            match (self.send(&queue, outgoing, now_ms), &subscription.dead_letters) {
                (Ok(_), _) => published.delivered.push(queue),
                (Err(why), Some(dead_letters)) => {
                    let letter = self.topic(topic)?.dead_letter(publication, &published.id, &why, now_ms);
                    match self.send(dead_letters, letter, now_ms) {
                        Ok(_) => published.dead_lettered.push(queue),
                        Err(_) => published.discarded.push(queue),
                    }
                }
                (Err(_), None) => published.discarded.push(queue),
            }
        }
        Ok(published)
    }

    /// Publishes up to ten messages, each with its own answer.
    ///
    /// # Errors
    /// For the whole batch: the topic is unknown, or ids, number or bytes break a rule of batches.
    pub fn publish_batch(
        &mut self,
        topic: &str,
        entries: &[(String, Publication)],
        now_ms: u64,
    ) -> Result<PerEntry<Published>, Refusal> {
        self.topic(topic)?;
        batch::check_ids(entries.iter().map(|(id, _)| id.as_str()))?;
        batch::check_bytes(entries.iter().map(|(_, p)| p.bytes()).sum(), PUBLISH_BYTES_MAX)?;
        Ok(entries.iter().map(|(id, p)| (id.clone(), self.publish(topic, p, now_ms))).collect())
    }

    fn deliveries(
        &self,
        topic: &str,
        publication: &Publication,
        id: &str,
        now_ms: u64,
    ) -> Result<Vec<(Subscription, Outgoing)>, Refusal> {
        let topic = self.topic(topic)?;
        let passes = |s: &&Subscription| s.filter.as_ref().is_none_or(|f| f.passes(&publication.attributes));
        let through = topic.subscriptions.iter().filter(passes);
        Ok(through.map(|s| (s.clone(), topic.outgoing(s, publication, id, now_ms))).collect())
    }
}
