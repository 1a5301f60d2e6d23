//! SQS in awsJson 1.0.

mod failure;
mod wire;

use std::{collections::BTreeMap, time::Duration};

use http::StatusCode;
use queue_model::{MoveStatus, MoveTask, Received, Refusal, batch, digest};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value as Json, json};

use crate::{
    engine::Work,
    front::{Incall, Outcome},
    queues::{Queues, WAIT_MAX},
    reply::{Failure, Protocol, json_reply},
    settings::{ACCOUNT, queue_arn, queue_resource},
};

use failure::{entry_failure, refused, serialization, unavailable};
use wire::{
    BatchOf, ChangeEntry, DeleteEntry, GetQueueAttributes, GetQueueUrl, ListMoves, ListQueues, OfQueue,
    OfReceipt, Receive, SendEntry, SendMessage, StartMove, within,
};

/// The SQS endpoint.
pub(crate) struct Sqs {
    pub(crate) queues: Queues,
    /// Base of queue URLs.
    pub(crate) url: String,
}

/// What a call answers, with the queue it was about.
type Answer = Result<Json, Failure>;

impl Sqs {
    pub(crate) async fn serve(&self, operation: &str, call: &Incall) -> Outcome {
        let sender = format!("AROAOUTPOURLOCAL:{}", call.function);
        let body = &call.body;
        let (queue, answer) = match operation {
            "SendMessage" => self.send(body, sender).await,
            "SendMessageBatch" => self.send_batch(body, sender).await,
            "ReceiveMessage" => self.receive(body).await,
            "DeleteMessage" => self.delete(body).await,
            "DeleteMessageBatch" => self.delete_batch(body).await,
            "ChangeMessageVisibility" => self.change(body).await,
            "ChangeMessageVisibilityBatch" => self.change_batch(body).await,
            "GetQueueUrl" => self.get_queue_url(body),
            "GetQueueAttributes" => self.get_queue_attributes(body),
            "ListQueues" => (String::new(), self.list_queues(body)),
            "PurgeQueue" => self.purge(body).await,
            "StartMessageMoveTask" => self.start_move(body).await,
            "ListMessageMoveTasks" => self.list_moves(body),
            _ => (String::new(), Err(failure::unsupported(operation))),
        };
        let reply = match &answer {
            Ok(json) => json_reply(StatusCode::OK, Protocol::Json10, json.to_string()),
            Err(failure) => failure.reply(Protocol::Json10),
        };
        // IAM knows no action of its own for a batch.
        let action = format!("sqs:{}", operation.strip_suffix("Batch").unwrap_or(operation));
        let known = self.queues.engine.arrivals(&queue).is_some();
        let actions = if known { vec![(action, queue_resource(&queue))] } else { Vec::new() };
        Outcome { reply, actions }
    }

    async fn send(&self, body: &[u8], sender: String) -> (String, Answer) {
        self.on_queue(body, |queue, request: SendMessage| async move {
            let outgoing = request.message.outgoing(sender)?;
            let sent = self.apply(move |work| work.model.send(&queue, outgoing, work.now_ms)).await?;
            Ok(wire::sent(&sent))
        })
        .await
    }

    async fn send_batch(&self, body: &[u8], sender: String) -> (String, Answer) {
        self.on_queue(body, |queue, request: BatchOf<SendEntry>| async move {
            let read = |entry: SendEntry| Ok((entry.id, entry.message.outgoing(sender.clone())?));
            let entries = request.entries.into_iter().map(read).collect::<Result<Vec<_>, Failure>>()?;
            let results = self.apply(move |work| work.model.send_batch(&queue, entries, work.now_ms)).await?;
            let (mut successful, mut failed) = (Vec::new(), Vec::new());
            for (id, result) in results {
                match result {
                    Ok(sent) => successful.push(with_id(&id, wire::sent(&sent))),
                    Err(why) => failed.push(entry_failure(&id, &why)),
                }
            }
            Ok(json!({ "Successful": successful, "Failed": failed }))
        })
        .await
    }

    async fn receive(&self, body: &[u8]) -> (String, Answer) {
        self.on_queue(body, |queue, request: Receive| async move {
            let max = within("MaxNumberOfMessages", request.max_number_of_messages)?.unwrap_or(1);
            let visibility = within("VisibilityTimeout", request.visibility_timeout)?;
            let wait = within("WaitTimeSeconds", request.wait_time_seconds)?.unwrap_or(0);
            if u64::from(wait) > WAIT_MAX.as_secs() {
                return Err(refused(&Refusal::OutOfRange {
                    parameter: "WaitTimeSeconds",
                    value: wait,
                    min: 0,
                    max: 20,
                }));
            }
            let wait = Duration::from_secs(u64::from(wait));
            let received = self.queues.receive_hidden(&queue, max, visibility, wait).await;
            let received = received.map_err(|error| failure::queue_error(&error))?;
            let messages: Vec<Json> =
                received.iter().map(|message| message_json(message, &request)).collect();
            Ok(if messages.is_empty() { json!({}) } else { json!({ "Messages": messages }) })
        })
        .await
    }

    async fn delete(&self, body: &[u8]) -> (String, Answer) {
        self.on_queue(body, |queue, request: OfReceipt| async move {
            self.apply(move |work| work.model.delete(&queue, &request.receipt_handle)).await?;
            Ok(json!({}))
        })
        .await
    }

    async fn delete_batch(&self, body: &[u8]) -> (String, Answer) {
        self.each_entry(body, |work, queue, entry: &DeleteEntry| {
            work.model.delete(queue, &entry.receipt_handle)
        })
        .await
    }

    async fn change(&self, body: &[u8]) -> (String, Answer) {
        self.on_queue(body, |queue, request: ChangeEntry| async move {
            let seconds = request.seconds()?;
            let handle = request.receipt_handle;
            self.apply(move |work| work.model.change_visibility(&queue, &handle, seconds, work.now_ms))
                .await?;
            Ok(json!({}))
        })
        .await
    }

    async fn change_batch(&self, body: &[u8]) -> (String, Answer) {
        self.each_entry(body, |work, queue, entry: &ChangeEntry| {
            let out_of_range = || Refusal::OutOfRange {
                parameter: "VisibilityTimeout",
                value: u32::MAX,
                min: 0,
                max: 43_200,
            };
            let seconds = entry.seconds().map_err(|_| out_of_range())?;
            work.model.change_visibility(queue, &entry.receipt_handle, seconds, work.now_ms)
        })
        .await
    }

    fn get_queue_url(&self, body: &[u8]) -> (String, Answer) {
        let request: GetQueueUrl = match read(body) {
            Ok(request) => request,
            Err(failure) => return (String::new(), Err(failure)),
        };
        let name = request.queue_name;
        let known = self.queues.engine.arrivals(&name).is_some();
        let answer = if known {
            Ok(json!({ "QueueUrl": self.url_of(&name) }))
        } else {
            Err(refused(&Refusal::UnknownQueue(name.clone())))
        };
        (name, answer)
    }

    fn list_queues(&self, body: &[u8]) -> Answer {
        let request: ListQueues = read(body)?;
        let prefix = request.queue_name_prefix.unwrap_or_default();
        let names: Vec<String> =
            self.queues.engine.look(|model, _| model.queue_names().map(str::to_owned).collect());
        let urls: Vec<String> =
            names.iter().filter(|name| name.starts_with(&prefix)).map(|name| self.url_of(name)).collect();
        Ok(json!({ "QueueUrls": urls }))
    }

    fn get_queue_attributes(&self, body: &[u8]) -> (String, Answer) {
        let request: GetQueueAttributes = match read(body) {
            Ok(request) => request,
            Err(failure) => return (String::new(), Err(failure)),
        };
        let queue = name_of(&request.queue_url);
        let attributes = self.queues.engine.look(|model, now_ms| {
            let depth = model.depth(&queue, now_ms)?;
            Ok(wire::queue_attributes(&queue, model.settings(&queue)?, depth))
        });
        let answer = attributes.map_err(|why: Refusal| refused(&why)).and_then(|all| {
            let asked = request.attribute_names.unwrap_or_default();
            wire::chosen_attributes(&all, &asked).map(|chosen| json!({ "Attributes": chosen }))
        });
        (queue, answer)
    }

    async fn purge(&self, body: &[u8]) -> (String, Answer) {
        self.on_queue(body, |queue, _: OfQueue| async move {
            self.apply(move |work| work.model.purge(&queue, work.now_ms)).await?;
            Ok(json!({}))
        })
        .await
    }

    async fn start_move(&self, body: &[u8]) -> (String, Answer) {
        let request: StartMove = match read(body) {
            Ok(request) => request,
            Err(failure) => return (String::new(), Err(failure)),
        };
        let source = name_of_arn(&request.source_arn);
        let destination = request.destination_arn.as_deref().map(name_of_arn);
        let from = source.clone();
        let moved = self
            .queues
            .engine
            .apply(move |work| work.model.start_move(&from, destination.as_deref(), work.now_ms));
        let answer = match moved.await {
            Ok(Ok(task)) => Ok(json!({ "TaskHandle": task.handle })),
            Ok(Err(why)) => Err(failure::of_move(&why)),
            Err(why) => Err(unavailable(&why)),
        };
        (source, answer)
    }

    fn list_moves(&self, body: &[u8]) -> (String, Answer) {
        let request: ListMoves = match read(body) {
            Ok(request) => request,
            Err(failure) => return (String::new(), Err(failure)),
        };
        let source = name_of_arn(&request.source_arn);
        let tasks =
            self.queues.engine.look(|model, _| model.moves(&source)).map_err(|why| failure::of_move(&why));
        let answer = tasks.and_then(|tasks| {
            let max = within("MaxResults", request.max_results)?.unwrap_or(1);
            let results: Vec<Json> = tasks.iter().take(max as usize).map(move_json).collect();
            Ok(json!({ "Results": results }))
        });
        (source, answer)
    }

    /// Runs a call that names a queue by its URL, and says which queue it was.
    async fn on_queue<'a, R, F>(&'a self, body: &[u8], call: impl FnOnce(String, R) -> F) -> (String, Answer)
    where
        R: DeserializeOwned + 'a,
        F: Future<Output = Answer>,
    {
        match read::<wire::Named>(body) {
            Ok(named) => {
                let queue = name_of(&named.queue_url);
                match read::<R>(body) {
                    Ok(request) => (queue.clone(), call(queue, request).await),
                    Err(failure) => (queue, Err(failure)),
                }
            }
            Err(failure) => (String::new(), Err(failure)),
        }
    }

    /// Runs a batch whose entries are answered one by one.
    async fn each_entry<E: wire::Entry + DeserializeOwned + Send + 'static>(
        &self,
        body: &[u8],
        call: impl Fn(&mut Work<'_>, &str, &E) -> Result<(), Refusal> + Send + 'static,
    ) -> (String, Answer) {
        self.on_queue(body, |queue, request: BatchOf<E>| async move {
            let results = self.apply(move |work| {
                work.model.settings(&queue)?;
                batch::check_ids(request.entries.iter().map(wire::Entry::id))?;
                let answered =
                    request.entries.iter().map(|entry| (entry.id().to_owned(), call(work, &queue, entry)));
                Ok(answered.collect::<Vec<_>>())
            });
            let (mut successful, mut failed) = (Vec::new(), Vec::new());
            for (id, result) in results.await? {
                match result {
                    Ok(()) => successful.push(json!({ "Id": id })),
                    Err(why) => failed.push(entry_failure(&id, &why)),
                }
            }
            Ok(json!({ "Successful": successful, "Failed": failed }))
        })
        .await
    }

    async fn apply<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Work<'_>) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Failure> {
        let answer = self.queues.engine.apply(call).await.map_err(|why| unavailable(&why))?;
        answer.map_err(|why| refused(&why))
    }

    fn url_of(&self, queue: &str) -> String {
        format!("{}/{ACCOUNT}/{queue}", self.url)
    }
}

fn read<R: DeserializeOwned>(body: &[u8]) -> Result<R, Failure> {
    serde_json::from_slice(body).map_err(|error| serialization(&error))
}

/// The queue's name: the last part of its URL. A URL of another account has no queue here.
fn name_of(url: &str) -> String {
    match url.rsplit_once('/') {
        Some((before, name)) if before.ends_with(ACCOUNT) => name.to_owned(),
        _ => url.to_owned(),
    }
}

/// The queue's name: the last part of its ARN. An ARN of elsewhere has no queue here.
fn name_of_arn(arn: &str) -> String {
    arn.strip_prefix(&queue_arn("")).unwrap_or(arn).to_owned()
}

fn with_id(id: &str, mut json: Json) -> Json {
    json["Id"] = Json::from(id);
    json
}

fn message_json(received: &Received, request: &Receive) -> Json {
    let message = &received.message;
    let mut json = json!({
        "MessageId": message.id, "ReceiptHandle": received.receipt,
        "Body": message.body, "MD5OfBody": message.body_md5,
    });
    let system = received.system_attributes().into_iter().filter(|(name, _)| request.wants_system(name));
    let system: Map<String, Json> =
        system.map(|(name, value)| (name.to_owned(), Json::from(value))).collect();
    if !system.is_empty() {
        json["Attributes"] = Json::Object(system);
    }
    let chosen: BTreeMap<_, _> = message
        .attributes
        .iter()
        .filter(|(name, _)| request.wants(name))
        .map(|(n, a)| (n.clone(), a.clone()))
        .collect();
    if let Some(md5) = digest::of_attributes(&chosen) {
        json["MD5OfMessageAttributes"] = Json::from(md5);
        json["MessageAttributes"] = wire::attributes_json(&chosen);
    }
    json
}

fn move_json(task: &MoveTask) -> Json {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Task {
        status: &'static str,
        source_arn: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        destination_arn: Option<String>,
        approximate_number_of_messages_moved: usize,
        approximate_number_of_messages_to_move: usize,
        #[serde(skip_serializing_if = "Option::is_none")]
        failure_reason: Option<&'static str>,
        started_timestamp: u64,
    }
    let (status, failure_reason) = match task.status {
        MoveStatus::Completed => ("COMPLETED", None),
        MoveStatus::NoSource => ("FAILED", Some("CouldNotDetermineMessageSource")),
    };
    json!(Task {
        status,
        source_arn: queue_arn(&task.source),
        destination_arn: task.destination.as_deref().map(queue_arn),
        approximate_number_of_messages_moved: task.moved,
        approximate_number_of_messages_to_move: task.to_move,
        failure_reason,
        started_timestamp: task.started_at,
    })
}
