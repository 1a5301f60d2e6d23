//! Why a message was parked, in a sentence.

use aws_local::DeadLetter;

/// Message attribute in which a function says why it parked a message.
pub(super) const REASON: &str = "parked_reason";
/// Attributes in which SNS says why it could not deliver a message
/// (docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html).
pub(super) const UNDELIVERED: [&str; 3] = ["ErrorMessage", "ErrorCode", "RequestID"];

/// The sentence. A message that was received too often says so, whatever it was parked for in an earlier
/// life.
pub(super) fn of(letter: &DeadLetter) -> String {
    let text = |name: &str| letter.message.attributes.get(name).and_then(|attribute| attribute.as_text());
    if letter.failed {
        let times =
            if letter.receives == 1 { "once".to_owned() } else { format!("{} times", letter.receives) };
        return format!("received {times} without success");
    }
    match (text(REASON), text(UNDELIVERED[0])) {
        (Some(reason), _) => reason.to_owned(),
        (None, Some(error)) => format!("the topic could not deliver it: {error}"),
        (None, None) => "it was sent here without a reason".to_owned(),
    }
}
