//! How full the queues are, by SQS's own approximate counts.

use serde_json::json;

use super::Deployed;
use crate::aws::{Aws, AwsError};
use crate::operator::failure::OperatorError;
use crate::operator::view::QueueView;
use crate::signature::Service;

const COUNTS: [&str; 3] = [
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
];

/// The queues with their dead letters, in order of name. SQS tells the age of the oldest message to CloudWatch alone.
pub(super) async fn views(deployed: &Deployed) -> Result<Vec<QueueView>, OperatorError> {
    let unavailable = OperatorError::unavailable("the queues");
    let aws = &deployed.records.aws;
    let mut views = Vec::new();
    for queue in deployed.topology.queues.keys() {
        let name = format!("{}-{queue}", deployed.stack_name);
        let counts = counts(aws, &name).await.map_err(|error| unavailable(&error))?;
        let dead = format!("{name}-dead-letters");
        let dead_letters = self::counts(aws, &dead).await.map_err(|error| unavailable(&error))?;
        let [visible, in_flight, delayed] = counts;
        views.push(QueueView {
            queue: queue.clone(),
            visible,
            in_flight,
            delayed,
            oldest_age_ms: None,
            dead_letters: dead_letters.iter().sum(),
        });
    }
    Ok(views)
}

async fn counts(aws: &Aws, name: &str) -> Result<[usize; 3], AwsError> {
    let found = aws.call(Service::Sqs, "GetQueueUrl", &json!({ "QueueName": name })).await?;
    let asked = json!({ "QueueUrl": found["QueueUrl"], "AttributeNames": COUNTS });
    let told = aws.call(Service::Sqs, "GetQueueAttributes", &asked).await?;
    let read = |count: &str| told["Attributes"][count].as_str().and_then(|text| text.parse().ok());
    let missing =
        || AwsError::NoAnswer { call: "GetQueueAttributes".to_owned(), why: format!("{name} has no counts") };
    let mut counts = [0; 3];
    for (place, count) in counts.iter_mut().zip(COUNTS) {
        *place = read(count).ok_or_else(missing)?;
    }
    Ok(counts)
}
