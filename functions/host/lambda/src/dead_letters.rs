//! The dead-letter queue, as the batch loop wants it.

use adapters_aws::SqsDeadLetters;
use kit::batch::{DeadLetters, ParkedMessage};
use lambda_runtime::Error;

/// Parks messages in an SQS queue.
pub(crate) struct ParkedInSqs(pub(crate) SqsDeadLetters);

impl DeadLetters for ParkedInSqs {
    async fn park(&self, message: ParkedMessage) -> Result<(), Error> {
        self.0
            .park(&message.body, &message.attributes, &message.reason)
            .await
            .map_err(|fault| fault.chain().into())
    }
}
