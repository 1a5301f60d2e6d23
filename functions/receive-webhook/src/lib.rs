//! `receive-webhook`: take a provider's notification in.
//!
//! In: `POST /webhooks/{provider}`, signed. Out: the raw notification in its table and `webhook.received.v1` on the
//! queue, and only then 200. What cannot be verified gets a 400 and changes nothing; what cannot be kept gets a 503,
//! so that the provider sends it again.

mod configuration;

use std::pin::pin;

use app::ports::{Clock, NotificationQueue, Notifications, SignedNotification, WebhookRefusal, Webhooks};
use app::receive_webhook::ReceiveWebhook;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use contracts::problem::{Problem, ProblemType};
use lambda_runtime::{Error, LambdaEvent};
use serde_json::json;
use tracing::{error, warn};

pub use configuration::Config;

/// Most bytes of a notification: the store keeps no more in one item, and providers send far less.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// Answers one request.
///
/// # Errors
/// Never for anything that a sender or the world did: those are problems.
pub async fn handle<W: Webhooks, N: Notifications, Q: NotificationQueue, C: Clock>(
    receive_webhook: &ReceiveWebhook<W, N, Q, C>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let work = pin!(receive(receive_webhook, &event.payload));
    match kit::telemetry::invocation(kit::http::scope(&event), work).await {
        Ok(()) => kit::http::json(200, &[], &json!({ "received": true })),
        Err(problem) => kit::http::problem(&problem),
    }
}

async fn receive<W: Webhooks, N: Notifications, Q: NotificationQueue, C: Clock>(
    receive_webhook: &ReceiveWebhook<W, N, Q, C>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(), Problem> {
    let provider = request.path_parameters.get("provider").map_or("", String::as_str);
    let Some(speaker) = receive_webhook.speaker(provider) else {
        let detail = "No provider of this name sends notifications here.";
        return Err(Problem::new(ProblemType::NotFound, None, detail));
    };
    let body = kit::http::body_bytes(request).map_err(|_| {
        Problem::new(ProblemType::MalformedBody, None, "The body is flagged as base64 and is not.")
    })?;
    if body.len() > BODY_BYTES_MAX {
        let detail = format!("A notification must be at most {BODY_BYTES_MAX} bytes.");
        return Err(Problem::new(ProblemType::BodyTooLarge, None, detail));
    }
    let header = speaker.signature_header();
    let signatures = kit::http::header_values(&request.headers, header);
    match receive_webhook.run(speaker, SignedNotification { body: &body, signatures: &signatures }).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(refusal)) => {
            warn!(%refusal, "a webhook notification is not trusted");
            let kind = match refusal {
                WebhookRefusal::WrongSignature if speaker.wrong_signature_status() == 498 => {
                    ProblemType::WrongSignature
                }
                _ => ProblemType::UnverifiedWebhook,
            };
            Err(Problem::new(kind, Some(header), format!("Not trusted: {refusal}.")))
        }
        Err(fault) => {
            error!(fault = fault.chain(), "a webhook notification could not be kept");
            Err(Problem::new(ProblemType::TryAgain, None, "The notification was not kept. Send it again."))
        }
    }
}

#[cfg(test)]
mod tests;
