//! `refund-payment`: make the refunds that a donation owes, through its provider.
//!
//! In: `refund.requested.v1` from the queue `refunds`. Out: what the provider said, stored on the donation, and
//! `payment.reversed.v1` when money moved. A lost answer is never a no: the refund stays owed, under the same key.

mod configuration;

use std::time::Duration;

use app::ports::{Clock, Donations, Events, PaymentProvider, WorkList};
use app::refund_payment::{RefundPayment, Refunding};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::DonationEvent;
use domain::ids::DonationId;
use kit::batch::{Bounds, DeadLetters, Disposition, for_each_message};
use lambda_runtime::{Error, LambdaEvent};

pub use configuration::Config;

/// Messages of one batch handled at once; the topology says the same.
pub const MESSAGES_AT_ONCE: usize = 10;
/// Time that a message needs besides the provider's call: to load, to store the attempt, to store the answer.
const STORE_TIME: Duration = Duration::from_secs(4);

/// Handles one batch.
///
/// # Errors
/// A record carries no message id: the whole batch comes back.
pub async fn handle<D, E, P, W, C>(
    refund_payment: &RefundPayment<D, E, P, W, C>,
    dead_letters: &impl DeadLetters,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error>
where
    D: Donations,
    E: Events,
    P: PaymentProvider,
    W: WorkList,
    C: Clock,
{
    let call_time = Duration::from_millis(refund_payment.connectors.call_millis_max());
    let bounds = Bounds { at_once: MESSAGES_AT_ONCE, needs: call_time + STORE_TIME };
    let deadline = event.context.deadline;
    let time_left = || kit::deadline::time_left(deadline, refund_payment.clock.now().as_millis());
    for_each_message(event.payload, bounds, time_left, dead_letters, async |message: DonationEvent| {
        let Ok(id) = DonationId::parse(&message.donation_id) else {
            return Disposition::Park { reason: "donation_id is malformed".to_owned() };
        };
        match refund_payment.run(&id).await {
            Ok(Refunding::Asked) => Disposition::Ack,
            Ok(Refunding::Refused(refusal)) => {
                Disposition::Park { reason: format!("donation {id}: {refusal}") }
            }
            Ok(Refunding::Missing) => {
                Disposition::Park { reason: format!("donation {id} is not in the store") }
            }
            Err(fault) => Disposition::Retry { reason: format!("donation {id}: {}", fault.chain()) },
        }
    })
    .await
}

#[cfg(test)]
mod tests;
