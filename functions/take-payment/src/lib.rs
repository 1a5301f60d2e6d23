//! `take-payment`: collect the money of an accepted donation through its provider.
//!
//! In: `donation.accepted.v1` from the queue `payments`. Out: what the provider said, stored on the donation, and
//! `payment.captured.v1` when the money was taken. A lost answer is stored as unknown, never as a no.

mod configuration;

use std::time::Duration;

use app::listing::READ_MAX;
use app::ports::{CapabilityKeys, Clock, Donations, Events, PaymentProvider, Velocity};
use app::take_payment::{PaymentTaken, TakePayment};
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use contracts::events::DonationEvent;
use domain::ids::DonationId;
use domain::payment::PaymentOutcome;
use kit::batch::{Bounds, DeadLetters, Disposition, for_each_message};
use lambda_runtime::{Error, LambdaEvent};
use tracing::{error, info};

pub use configuration::Config;

/// Messages of one batch handled at once; the topology says the same.
pub const MESSAGES_AT_ONCE: usize = 10;
/// Time that a message needs besides the provider's call: to load, to screen, to store the attempt, to store the
/// answer.
const STORE_TIME: Duration = Duration::from_secs(4);

/// Handles one batch.
///
/// # Errors
/// A record carries no message id: the whole batch comes back.
pub async fn handle<D, E, P, K, C, V>(
    take_payment: &TakePayment<D, E, P, K, C, V>,
    dead_letters: &impl DeadLetters,
    event: LambdaEvent<SqsEvent>,
) -> Result<SqsBatchResponse, Error>
where
    D: Donations,
    E: Events,
    P: PaymentProvider,
    K: CapabilityKeys,
    C: Clock,
    V: Velocity,
{
    let call_time = Duration::from_millis(take_payment.connectors.call_millis_max());
    let read_time = Duration::from_millis(READ_MAX.as_millis());
    let bounds = Bounds { at_once: MESSAGES_AT_ONCE, needs: read_time + call_time + STORE_TIME };
    let deadline = event.context.deadline;
    let time_left = || kit::deadline::time_left(deadline, take_payment.clock.now().as_millis());
    for_each_message(event.payload, bounds, time_left, dead_letters, async |message: DonationEvent| {
        let Ok(id) = DonationId::parse(&message.donation_id) else {
            return Disposition::Park { reason: "donation_id is malformed".to_owned() };
        };
        dispose(&id, take_payment.run(&id).await)
    })
    .await
}

fn dispose(id: &DonationId, taken: Result<PaymentTaken, app::Fault>) -> Disposition {
    match taken {
        Ok(PaymentTaken::Recorded(outcome)) => {
            note(id, &outcome);
            Disposition::Ack
        }
        // What is put off is still owed: the completer takes it up again.
        Ok(PaymentTaken::StillAbsent | PaymentTaken::Nothing | PaymentTaken::PutOff) => Disposition::Ack,
        Ok(PaymentTaken::Refused(refusal)) => {
            Disposition::Park { reason: format!("donation {id}: {refusal}") }
        }
        Ok(PaymentTaken::Missing) => {
            Disposition::Park { reason: format!("donation {id} is not in the store") }
        }
        Err(fault) => Disposition::Retry { reason: format!("donation {id}: {}", fault.chain()) },
    }
}

/// One line for what somebody may have to act on. What is not known or was not executed is acknowledged: the state is
/// stored, and the completer takes it up again later than the queue would, which is what a struggling provider needs.
fn note(id: &DonationId, outcome: &PaymentOutcome) {
    match outcome {
        PaymentOutcome::Unknown { reason } | PaymentOutcome::NotExecuted { reason } => {
            info!(donation.id = %id, reason, "the payment is taken up again later");
        }
        PaymentOutcome::Rejected { code } => {
            error!(donation.id = %id, code, "the provider rejects our request; a person must look");
        }
        PaymentOutcome::Captured { .. }
        | PaymentOutcome::ActionRequired { .. }
        | PaymentOutcome::Processing { .. }
        | PaymentOutcome::Declined { .. }
        | PaymentOutcome::Cancelled { .. } => {}
    }
}

#[cfg(test)]
mod tests;
