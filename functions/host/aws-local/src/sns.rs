//! SNS in awsQuery: forms in, XML out.

mod form;

use std::fmt::Write;

use http::StatusCode;
use queue_model::{Publication, Published, Refusal, Subscription};

use crate::{
    activity,
    engine::Work,
    front::{Incall, Outcome},
    now::fresh_id,
    queues::Queues,
    reply::{Failure, Protocol, SNS_NAMESPACE, escape, xml_reply},
    settings::{ACCOUNT, queue_arn, topic_arn},
};

use form::{Form, invalid};

/// The SNS endpoint.
pub(crate) struct Sns {
    pub(crate) queues: Queues,
}

impl Sns {
    /// Answers, and says which operation it was.
    pub(crate) async fn serve(&self, call: &Incall) -> (String, Outcome) {
        let form = match Form::parse(&call.body) {
            Ok(form) => form,
            Err(failure) => return ("sns:malformed".to_owned(), refuse(&failure)),
        };
        let action = form.get("Action").unwrap_or("-").chars().take(80).collect::<String>();
        let result = match action.as_str() {
            "Publish" => self.publish(&form).await,
            "PublishBatch" => self.publish_batch(&form).await,
            "ListTopics" => Ok(self.list_topics()),
            "ListSubscriptionsByTopic" => self.list_subscriptions(&form),
            "GetSubscriptionAttributes" => self.subscription_attributes(&form),
            other => Err(Failure::sender(
                "InvalidAction",
                format!("sns {other} is not here: this local endpoint has only what the pipeline uses."),
            )),
        };
        let operation = format!("sns:{action}");
        let topic = form.get("TopicArn").and_then(name_of).filter(|name| self.has_topic(name));
        let permission = if action == "PublishBatch" { "sns:Publish" } else { &operation };
        let reply = match &result {
            Ok(xml) => success(&action, xml),
            Err(failure) => failure.reply(Protocol::Query),
        };
        let actions =
            topic.map(|name| (permission.to_owned(), format!("topic:{name}"))).into_iter().collect();
        (operation, Outcome { reply, actions })
    }

    async fn publish(&self, form: &Form) -> Result<String, Failure> {
        let topic = topic_of(form)?;
        let publication = form.publication()?;
        let published = self.apply(move |work| publish(work, &topic, &publication)).await?;
        Ok(element("MessageId", &published.id))
    }

    async fn publish_batch(&self, form: &Form) -> Result<String, Failure> {
        let topic = topic_of(form)?;
        let entries = form.batch()?;
        let results = self.apply(move |work| publish_batch(work, &topic, &entries)).await?;
        let (mut successful, mut failed) = (String::new(), String::new());
        for (id, result) in results {
            let id = element("Id", &id);
            match result {
                Ok(published) => {
                    successful.push_str(&member(&format!("{id}{}", element("MessageId", &published.id))));
                }
                Err(why) => {
                    let failure = refused(&why);
                    let (code, message) =
                        (element("Code", &failure.code), element("Message", &failure.message));
                    let fault = element("SenderFault", "true");
                    failed.push_str(&member(&format!("{id}{code}{message}{fault}")));
                }
            }
        }
        Ok(format!("<Successful>{successful}</Successful><Failed>{failed}</Failed>"))
    }

    fn list_topics(&self) -> String {
        let arns: Vec<String> =
            self.queues.engine.look(|model, _| model.topic_arns().map(str::to_owned).collect());
        let members: String = arns.iter().map(|arn| member(&element("TopicArn", arn))).collect();
        format!("<Topics>{members}</Topics>")
    }

    fn list_subscriptions(&self, form: &Form) -> Result<String, Failure> {
        let topic = topic_of(form)?;
        let members: String = self
            .subscriptions(&topic)?
            .iter()
            .map(|subscription| {
                let fields = [
                    ("SubscriptionArn", subscription_arn(&topic, &subscription.queue)),
                    ("Owner", ACCOUNT.to_owned()),
                    ("Protocol", "sqs".to_owned()),
                    ("Endpoint", queue_arn(&subscription.queue)),
                    ("TopicArn", topic_arn(&topic)),
                ];
                member(&fields.iter().map(|(name, value)| element(name, value)).collect::<String>())
            })
            .collect();
        Ok(format!("<Subscriptions>{members}</Subscriptions>"))
    }

    fn subscription_attributes(&self, form: &Form) -> Result<String, Failure> {
        let arn = form.require("SubscriptionArn")?;
        let missing = || not_found("Subscription does not exist");
        let (topic, queue) = arn.rsplit_once(':').ok_or_else(missing)?;
        let topic = name_of(topic).ok_or_else(missing)?;
        let subscriptions = self.subscriptions(&topic).map_err(|_| missing())?;
        let subscription = subscriptions.iter().find(|s| s.queue == queue).ok_or_else(missing)?;
        let mut entries = String::new();
        for (key, value) in subscription_fields(&topic, subscription) {
            let (key, value) = (element("key", key), element("value", &value));
            write!(entries, "<entry>{key}{value}</entry>").expect("writing to a string cannot fail");
        }
        Ok(format!("<Attributes>{entries}</Attributes>"))
    }

    fn subscriptions(&self, topic: &str) -> Result<Vec<Subscription>, Failure> {
        let found =
            self.queues.engine.look(|model, _| model.subscriptions(topic).map(<[Subscription]>::to_vec));
        found.map_err(|why| refused(&why))
    }

    fn has_topic(&self, topic: &str) -> bool {
        self.queues.engine.look(|model, _| model.subscriptions(topic).is_ok())
    }

    async fn apply<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Work<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let answer = self.queues.engine.apply(call).await.map_err(|why| Failure::unavailable(&why))?;
        answer.map_err(|why| refused(&why))
    }
}

fn publish(work: &mut Work<'_>, topic: &str, publication: &Publication) -> Result<Published, Refusal> {
    let published = work.model.publish(topic, publication, work.now_ms)?;
    note(work, topic, publication, &published);
    Ok(published)
}

fn publish_batch(
    work: &mut Work<'_>,
    topic: &str,
    entries: &[(String, Publication)],
) -> Result<queue_model::PerEntry<Published>, Refusal> {
    let results = work.model.publish_batch(topic, entries, work.now_ms)?;
    for ((_, publication), (_, result)) in entries.iter().zip(&results) {
        if let Ok(published) = result {
            note(work, topic, publication, published);
        }
    }
    Ok(results)
}

/// The publication's place in the timeline of its donation, and a word in the log where a copy was lost.
fn note(work: &mut Work<'_>, topic: &str, publication: &Publication, published: &Published) {
    for queue in &published.discarded {
        tracing::warn!(
            topic,
            queue,
            message_id = published.id,
            "a message could not be delivered and is discarded"
        );
    }
    if let Some(donation_id) = activity::donation_of(&publication.attributes, &publication.message) {
        let kind = activity::event_type(&publication.attributes);
        let detail = format!("{topic} {kind} {} to {}", published.id, published.delivered.join(", "));
        work.note(donation_id, "sns.published", detail);
    }
}

fn subscription_fields(topic: &str, subscription: &Subscription) -> Vec<(&'static str, String)> {
    let mut fields = vec![
        ("SubscriptionArn", subscription_arn(topic, &subscription.queue)),
        ("TopicArn", topic_arn(topic)),
        ("Owner", ACCOUNT.to_owned()),
        ("Protocol", "sqs".to_owned()),
        ("Endpoint", queue_arn(&subscription.queue)),
        ("RawMessageDelivery", subscription.raw_delivery.to_string()),
        ("PendingConfirmation", "false".to_owned()),
    ];
    if let Some(filter) = &subscription.filter {
        fields.push(("FilterPolicy", filter.text().to_owned()));
        fields.push(("FilterPolicyScope", "MessageAttributes".to_owned()));
    }
    if let Some(dead_letters) = &subscription.dead_letters {
        let policy = serde_json::json!({ "deadLetterTargetArn": queue_arn(dead_letters) });
        fields.push(("RedrivePolicy", policy.to_string()));
    }
    fields
}

/// A refusal as SNS words it. Source: the SNS API reference, each action's errors.
fn refused(why: &Refusal) -> Failure {
    let code = match why {
        Refusal::UnknownTopic(_) => return not_found("Topic does not exist"),
        Refusal::BadAttribute { .. } | Refusal::BadCharacter { .. } => "ParameterValueInvalid",
        Refusal::EmptyBatch => "EmptyBatchRequest",
        Refusal::TooManyEntries(_) => "TooManyEntriesInBatchRequest",
        Refusal::RepeatedEntryId(_) => "BatchEntryIdsNotDistinct",
        Refusal::BadEntryId => "InvalidBatchEntryId",
        Refusal::BatchTooLong { .. } => "BatchRequestTooLong",
        Refusal::MessageTooLong { .. } => return invalid("Invalid parameter: Message too long"),
        _ => "InvalidParameter",
    };
    Failure::sender(code, why.to_string())
}

fn not_found(message: &str) -> Failure {
    Failure::sender("NotFound", message).with_status(StatusCode::NOT_FOUND)
}

fn refuse(failure: &Failure) -> Outcome {
    Outcome { reply: failure.reply(Protocol::Query), actions: Vec::new() }
}

fn topic_of(form: &Form) -> Result<String, Failure> {
    let arn = form.require("TopicArn")?;
    name_of(arn).ok_or_else(|| {
        if arn.starts_with("arn:aws:sns:") {
            not_found("Topic does not exist")
        } else {
            invalid("Invalid parameter: TopicArn Reason: An ARN must start with arn:aws:sns")
        }
    })
}

/// The topic's name: the last part of its ARN. An ARN of elsewhere has no topic here.
fn name_of(arn: &str) -> Option<String> {
    arn.strip_prefix(&topic_arn("")).map(str::to_owned)
}

fn subscription_arn(topic: &str, queue: &str) -> String {
    format!("{}:{queue}", topic_arn(topic))
}

fn success(action: &str, result: &str) -> crate::reply::Reply {
    let request_id = fresh_id();
    let metadata = format!("<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata>");
    let result = format!("<{action}Result>{result}</{action}Result>");
    let text = format!("<{action}Response xmlns=\"{SNS_NAMESPACE}\">{result}{metadata}</{action}Response>");
    xml_reply(StatusCode::OK, text)
}

fn element(name: &str, text: &str) -> String {
    format!("<{name}>{}</{name}>", escape(text))
}

fn member(content: &str) -> String {
    format!("<member>{content}</member>")
}
