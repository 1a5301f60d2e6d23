//! `send-receipt`: send the donor's receipt, at most once by itself.
//!
//! In: `payment.captured.v1` from the queue `receipts`. Out: one e-mail through SES, and its id noted on the donation;
//! or the note that nobody knows whether it went out.

mod configuration;
mod writer;

use std::time::Duration;

use app::ports::{CapabilityKeys, Clock, Donations, Ids, Mailer, ReceiptWriter};
use app::send_receipt::{SendReceipt, Sending};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::DonationEvent;
use domain::ids::DonationId;
use kit::batch::{Bounds, DeadLetters, Disposition, for_each_message};
use lambda_runtime::{Error, LambdaEvent};
use tracing::warn;

pub use configuration::Config;
pub use writer::{Charity, TemplateWriter};

/// Messages of one batch handled at once; the topology says the same.
pub const MESSAGES_AT_ONCE: usize = 10;
/// Time that one message may need: two writes and one call to the mail service.
const MESSAGE_TIME: Duration = Duration::from_secs(12);

/// Handles one batch.
///
/// # Errors
/// A record carries no message id: the whole batch comes back.
pub async fn handle<D, M, W, K, I, C>(
    send_receipt: &SendReceipt<D, M, W, K, I, C>,
    dead_letters: &impl DeadLetters,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error>
where
    D: Donations,
    M: Mailer,
    W: ReceiptWriter,
    K: CapabilityKeys,
    I: Ids,
    C: Clock,
{
    let bounds = Bounds { at_once: MESSAGES_AT_ONCE, needs: MESSAGE_TIME };
    let deadline = event.context.deadline;
    let time_left = || kit::deadline::time_left(deadline, send_receipt.clock.now().as_millis());
    for_each_message(event.payload, bounds, time_left, dead_letters, async |message: DonationEvent| {
        let Ok(id) = DonationId::parse(&message.donation_id) else {
            return Disposition::Park { reason: "donation_id is malformed".to_owned() };
        };
        match send_receipt.run(&id).await {
            Ok(Sending::Sent | Sending::Nothing) => Disposition::Ack,
            Ok(Sending::Ambiguous) => {
                warn!(donation.id = %id, "nobody knows whether the receipt was sent");
                Disposition::Ack
            }
            Ok(Sending::Missing) => {
                Disposition::Park { reason: format!("donation {id} is not in the store") }
            }
            Err(fault) => Disposition::Retry { reason: format!("donation {id}: {}", fault.chain()) },
        }
    })
    .await
}

#[cfg(test)]
mod tests;
