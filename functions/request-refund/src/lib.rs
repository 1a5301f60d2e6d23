//! `request-refund`: ask for money to go back to the donor, whole or in part.
//!
//! In: `POST /donations/{id}/refunds` with an `Idempotency-Key`, signed by somebody whom IAM lets in. Out: 202 with the
//! refund, as soon as the request is durable; `refund.requested.v1` on the topic. The same key gives the same refund.

mod configuration;
mod parse;

use std::pin::pin;

use app::ports::{Clock, Donations, Events};
use app::request_refund::{RequestRefund, Requested};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use contracts::http::RefundAnswer;
use contracts::problem::{Problem, ProblemType};
use domain::donation::Refusal;
use lambda_runtime::{Error, LambdaEvent};
use tracing::{error, info};

pub use configuration::Config;

/// Answers one request.
///
/// # Errors
/// Never for anything that a client or the world did: those are problems.
pub async fn handle<D: Donations, E: Events, C: Clock>(
    request_refund: &RequestRefund<D, E, C>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let work = pin!(ask(request_refund, &event.payload));
    match kit::telemetry::invocation(kit::http::scope(&event), work).await {
        Ok(refund) => kit::http::json(202, &[], &refund),
        Err(problem) => kit::http::problem(&problem),
    }
}

async fn ask<D: Donations, E: Events, C: Clock>(
    request_refund: &RequestRefund<D, E, C>,
    request: &ApiGatewayV2httpRequest,
) -> Result<RefundAnswer, Problem> {
    let caller = kit::http::iam_caller(request)?;
    let (id, asked) = parse::parse(request, &request_refund.donations).await?;
    let refund = asked.id.clone();
    let requested = request_refund.run(&id, asked).await.map_err(|fault| {
        error!(donation.id = %id, fault = fault.chain(), "a refund could not be stored");
        try_again()
    })?;
    match requested {
        Requested::Stored(refund) => {
            info!(donation.id = %id, refund.id = %refund.id, caller, "a refund is asked for");
            Ok(RefundAnswer::of(&id, &refund))
        }
        Requested::Refused(refusal) => {
            info!(donation.id = %id, refund.id = %refund, caller, %refusal, "a refund is refused");
            let field = (refusal == Refusal::RefundKeyReused).then_some("Idempotency-Key");
            Err(Problem::new(refusal.into(), field, format!("Nothing was changed: {refusal}.")))
        }
        Requested::Missing => Err(Problem::no_donation()),
    }
}

fn try_again() -> Problem {
    let detail = "Nothing is known to be stored. Send the same request with the same key again.";
    Problem::new(ProblemType::TryAgain, None, detail)
}

#[cfg(test)]
mod tests;
