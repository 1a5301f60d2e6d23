//! Every way the model says no. A refusal changes nothing.

/// Why a call was refused. The text names the parameter and the rule; a host maps the variant to the code
/// that its protocol uses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No queue of this name.
    #[error("The specified queue does not exist: {0}.")]
    UnknownQueue(String),
    /// No topic of this name.
    #[error("Topic does not exist: {0}.")]
    UnknownTopic(String),
    /// A queue or topic of this name is already there.
    #[error("{0} already exists.")]
    AlreadyExists(String),
    /// A queue's setting is outside its range.
    #[error("Value {value} for {setting} of queue {queue} is invalid: must be between {min} and {max}.")]
    Setting {
        /// The queue.
        queue: String,
        /// SQS's name of the setting.
        setting: &'static str,
        /// What was given.
        value: u32,
        /// Least allowed.
        min: u32,
        /// Most allowed.
        max: u32,
    },
    /// No message of this id in the queue, or a receiver holds it.
    #[error("There is no message {id} in {queue} that nobody holds.")]
    NoSuchMessage {
        /// The queue.
        queue: String,
        /// The message's id.
        id: String,
    },
    /// A message without text.
    #[error("The message must contain a non-empty message body.")]
    EmptyBody,
    /// A message (body and attributes) over the bound.
    #[error(
        "One or more parameters are invalid. Reason: Message is {bytes} bytes; it must be at most {max} \
         bytes."
    )]
    MessageTooLong {
        /// Body plus attribute names, types and values, in bytes.
        bytes: usize,
        /// The bound in bytes.
        max: usize,
    },
    /// A character that SQS does not carry.
    #[error(
        "Invalid characters found (U+{code:04X} in {place}). Valid unicode characters are \
         #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF."
    )]
    BadCharacter {
        /// The code point.
        code: u32,
        /// Where it stood.
        place: &'static str,
    },
    /// More message attributes than SQS carries.
    #[error("Number of message attributes [{0}] exceeds the allowed maximum [10].")]
    TooManyAttributes(usize),
    /// A message attribute that breaks a rule.
    #[error("The message attribute '{name}' is invalid: {rule}.")]
    BadAttribute {
        /// The attribute's name.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A number outside its range.
    #[error("Value {value} for parameter {parameter} is invalid. Reason: Must be between {min} and {max}.")]
    OutOfRange {
        /// SQS's name of the parameter.
        parameter: &'static str,
        /// What was given.
        value: u32,
        /// Least allowed.
        min: u32,
        /// Most allowed.
        max: u32,
    },
    /// A receipt handle that this queue never gave.
    #[error("The input receipt handle is invalid.")]
    BadReceipt,
    /// The message of this receipt handle is gone or has been received again since.
    #[error(
        "Value for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available \
         for visibility timeout change."
    )]
    StaleReceipt,
    /// The message of this receipt handle is visible again.
    #[error("The message referred to isn't in flight.")]
    NotInFlight,
    /// The message would stay hidden for more than twelve hours from its receipt.
    #[error(
        "Value for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message \
         is beyond the limit [43200 seconds]."
    )]
    HiddenTooLong,
    /// The queue has as many messages in flight as SQS allows.
    #[error("The queue has {0} messages in flight, the most allowed.")]
    TooManyInFlight(usize),
    /// The queue was purged less than a minute ago.
    #[error("Only one PurgeQueue operation on {0} is allowed every 60 seconds.")]
    PurgeInProgress(String),
    /// A batch without entries.
    #[error("There should be at least one entry in the request.")]
    EmptyBatch,
    /// A batch of more than ten entries.
    #[error("Maximum number of entries per request are 10. You have sent {0}.")]
    TooManyEntries(usize),
    /// Two entries of a batch with one id.
    #[error("Id {0} repeated.")]
    RepeatedEntryId(String),
    /// An entry id with characters outside the allowed, or too long.
    #[error(
        "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at \
         most 80 letters long."
    )]
    BadEntryId,
    /// The entries of a batch are over the bound together.
    #[error("Batch requests cannot be longer than {max} bytes. You have sent {bytes} bytes.")]
    BatchTooLong {
        /// What was given.
        bytes: usize,
        /// The bound.
        max: usize,
    },
    /// A notification without text.
    #[error("Invalid parameter: Empty message.")]
    EmptyNotification,
    /// A notification's subject that breaks a rule.
    #[error("Invalid parameter: Subject must be 1 to 100 printable ASCII characters.")]
    BadSubject,
    /// A filter policy that SNS would not accept.
    #[error("Invalid parameter: FilterPolicy: {0}.")]
    BadFilterPolicy(String),
    /// A move task's source that is no queue's dead-letter queue.
    #[error("Source queue {0} must be configured as a dead-letter queue of another queue.")]
    NotDeadLetters(String),
}
