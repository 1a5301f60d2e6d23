//! `post-journal-entry`: book a capture or a return in the ledger, exactly once.
//!
//! In: `payment.captured.v1` and `payment.reversed.v1` from the queue `ledger`. Out: a balanced journal entry, and its
//! id noted on the donation.

mod configuration;

use std::time::Duration;

use app::ports::{Calendar, Clock, Donations, Journal};
use app::post_journal_entry::{Booking, PostJournalEntry};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::DonationEvent;
use domain::ids::DonationId;
use kit::batch::{Bounds, DeadLetters, Disposition, for_each_message};
use lambda_runtime::{Error, LambdaEvent};

pub use configuration::Config;

/// Messages of one batch handled at once; the topology says the same.
pub const MESSAGES_AT_ONCE: usize = 10;
/// Time that one message may need.
const MESSAGE_TIME: Duration = Duration::from_secs(5);

/// Handles one batch.
///
/// # Errors
/// A record carries no message id: the whole batch comes back.
pub async fn handle<D: Donations, J: Journal, L: Calendar, C: Clock>(
    post_journal_entry: &PostJournalEntry<D, J, L, C>,
    dead_letters: &impl DeadLetters,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error> {
    let bounds = Bounds { at_once: MESSAGES_AT_ONCE, needs: MESSAGE_TIME };
    let deadline = event.context.deadline;
    let time_left = || kit::deadline::time_left(deadline, post_journal_entry.clock.now().as_millis());
    for_each_message(event.payload, bounds, time_left, dead_letters, async |message: DonationEvent| {
        let Ok(id) = DonationId::parse(&message.donation_id) else {
            return Disposition::Park { reason: "donation_id is malformed".to_owned() };
        };
        match post_journal_entry.run(&id).await {
            Ok(Booking::Booked) => Disposition::Ack,
            Ok(Booking::Conflict(entry)) => {
                Disposition::Park { reason: format!("donation {id}: another entry is booked as {entry}") }
            }
            Ok(Booking::Refused(refusal)) => {
                Disposition::Park { reason: format!("donation {id}: {refusal}") }
            }
            Ok(Booking::Missing) => {
                Disposition::Park { reason: format!("donation {id} is not in the store") }
            }
            Err(fault) => Disposition::Retry { reason: format!("donation {id}: {}", fault.chain()) },
        }
    })
    .await
}

#[cfg(test)]
mod tests;
