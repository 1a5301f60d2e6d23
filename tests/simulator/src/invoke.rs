//! One invocation: Lambda's event in, the shipped handler, its answer out.

use std::rc::Rc;

use adapters_memory::Memory;
use app::ports::Clock;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage, SqsMessageAttribute};
use kit::batch::{DeadLetters, ParkedMessage};
use lambda_runtime::{Context, Error, LambdaEvent};
use queue_model::Received;
use serde_json::{Value, json};

use crate::environment::{Code, Environment, LOOK_BACK};
use crate::functions::Function;

/// What Lambda hands over.
pub(crate) enum Payload {
    Http(Box<ApiGatewayV2httpRequest>),
    Batch(SqsEvent),
    Schedule,
}

/// What the function gives back.
#[derive(Debug)]
pub(crate) enum Answer {
    /// Status and body.
    Http(i64, Value),
    /// Ids of the messages that come back.
    Batch(Vec<String>),
    /// A scheduled run is over.
    Done,
    /// The invocation failed as a whole.
    Failed,
}

/// The attribute in which a parked message carries the name of its queue through the world.
pub(crate) const FROM: &str = "parked-from";

/// The dead-letter queue of one function.
struct Parking {
    world: Memory,
    queue: &'static str,
}

impl DeadLetters for Parking {
    async fn park(&self, message: ParkedMessage) -> Result<(), Error> {
        let mut attributes = message.attributes;
        attributes.insert(FROM.to_owned(), self.queue.to_owned());
        let parked = self.world.park(&message.body, &attributes, &message.reason).await;
        parked.map_err(|fault| fault.chain().into())
    }
}

/// Runs the handler. Dropping the future is the process's death. No other invocation of the history has this number.
pub(crate) async fn invoke(environment: Rc<Environment>, payload: Payload, number: u64) -> Answer {
    let mut context = Context::default();
    context.request_id = format!("invocation {number}");
    // Lambda tells the deadline by the machine's clock, which is also the handler's.
    context.deadline = environment.clock.now().plus(environment.function.timeout()).as_millis();
    match payload {
        Payload::Http(request) => answered(http(&environment, LambdaEvent::new(*request, context)).await),
        Payload::Batch(batch) => match batched(&environment, LambdaEvent::new(batch, context)).await {
            Ok(response) => Answer::Batch(
                response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect(),
            ),
            Err(_) => Answer::Failed,
        },
        Payload::Schedule => scheduled(&environment, LambdaEvent::new(Value::Null, context)).await,
    }
}

async fn http(
    environment: &Environment,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    match &environment.code {
        Code::AcceptDonation(function) => accept_donation::handle(function, event).await,
        Code::ShowDonation(show) => show_donation::handle(show, event).await,
        Code::ReceiveWebhook(receive) => receive_webhook::handle(receive, event).await,
        Code::RequestRefund(request) => request_refund::handle(request, event).await,
        Code::ResolveReview(resolve) => resolve_review::handle(resolve, event).await,
        _ => Err("the function answers no requests".into()),
    }
}

async fn batched(environment: &Environment, event: LambdaEvent<SqsEvent>) -> Result<SqsBatchResponse, Error> {
    let queue = environment.function.queue().ok_or("the function has no queue")?;
    let parking = Parking { world: environment.world.clone(), queue };
    match &environment.code {
        Code::TakePayment(take) => take_payment::handle(take, &parking, event).await,
        Code::ApplyNotification(apply) => apply_notification::handle(apply, &parking, event).await,
        Code::RefundPayment(refund) => refund_payment::handle(refund, &parking, event).await,
        Code::PostJournalEntry(post) => post_journal_entry::handle(post, &parking, event).await,
        Code::SendReceipt(send) => send_receipt::handle(send, &parking, event).await,
        _ => Err("the function takes no batches".into()),
    }
}

async fn scheduled(environment: &Environment, event: LambdaEvent<Value>) -> Answer {
    let is_ok = match &environment.code {
        Code::ResumeDonations(resume) => resume_donations::handle(resume, event).await.is_ok(),
        Code::ReconcilePayments(reconcile) => {
            reconcile_payments::handle(reconcile, LOOK_BACK, event).await.is_ok()
        }
        _ => false,
    };
    if is_ok { Answer::Done } else { Answer::Failed }
}

fn answered(response: Result<ApiGatewayV2httpResponse, Error>) -> Answer {
    let Ok(response) = response else { return Answer::Failed };
    let body = match response.body {
        Some(Body::Text(text)) => serde_json::from_str(&text).unwrap_or(Value::Null),
        Some(_) | None => Value::Null,
    };
    Answer::Http(response.status_code, body)
}

/// A batch as Lambda's poller makes it of received messages.
pub(crate) fn batch(received: &[Received]) -> Payload {
    let mut event = SqsEvent::default();
    for one in received {
        let mut message = SqsMessage::default();
        message.message_id = Some(one.message.id.clone());
        message.receipt_handle = Some(one.receipt.clone());
        message.body = Some(one.message.body.clone());
        for (name, attribute) in &one.message.attributes {
            let mut carried = SqsMessageAttribute::default();
            carried.string_value = attribute.as_text().map(str::to_owned);
            message.message_attributes.insert(name.clone(), carried);
        }
        event.records.push(message);
    }
    Payload::Batch(event)
}

/// A request from whoever is out there.
pub(crate) fn request(parameters: &[(&str, &str)], headers: &[(&str, &str)], body: &Value) -> Payload {
    let mut request = ApiGatewayV2httpRequest::default();
    for (name, value) in parameters {
        request.path_parameters.insert((*name).to_owned(), (*value).to_owned());
    }
    for (name, value) in headers {
        let name = http_name(name);
        request.headers.insert(name, value.parse().expect("our headers are visible ASCII"));
    }
    request.request_context.http.source_ip = Some("192.0.2.1".to_owned());
    request.body = Some(body.to_string());
    Payload::Http(Box::new(request))
}

fn http_name(name: &str) -> http::HeaderName {
    name.parse().expect("our headers' names are lower-case ASCII")
}

/// A question for a donation's status.
pub(crate) fn question(id: &str, capability: &str) -> Payload {
    let request = json!({
        "version": "2.0",
        "headers": {},
        "pathParameters": { "id": id },
        "queryStringParameters": { "capability": capability },
        "requestContext": { "http": { "method": "GET", "path": "/", "sourceIp": "192.0.2.1" } },
        "isBase64Encoded": false,
    });
    Payload::Http(Box::new(serde_json::from_value(request).expect("it is a request")))
}

/// A request that one of the charity's people signed.
pub(crate) fn signed_request(id: &str, key: &str, body: &Value) -> Payload {
    let request = json!({
        "version": "2.0",
        "headers": { "content-type": "application/json", "idempotency-key": key },
        "pathParameters": { "id": id },
        "requestContext": {
            "http": { "method": "POST", "path": "/", "sourceIp": "192.0.2.2" },
            "authorizer": { "iam": { "userArn": "arn:aws:iam::000000000000:role/finance" } },
        },
        "body": body.to_string(),
        "isBase64Encoded": false,
    });
    Payload::Http(Box::new(serde_json::from_value(request).expect("it is a request")))
}

impl Function {
    /// Whether a scheduled run of it is due by itself.
    pub(crate) const fn is_scheduled(self) -> bool {
        matches!(self, Self::ResumeDonations | Self::ReconcilePayments)
    }
}
