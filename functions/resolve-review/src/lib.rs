//! `resolve-review`: a person decides what the pipeline could not.
//!
//! In: `POST /donations/{id}/resolutions`, signed by somebody whom IAM lets in: a decision, or the provider's id of a
//! payment that is to be looked up. Out: the donation as it stands after it. Who decided, and why, is kept with it.

mod configuration;

use std::pin::pin;

use app::ports::{Clock, Donations, Events, PaymentProvider};
use app::resolve_review::{ResolveReview, Resolving};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use contracts::http::{BODY_BYTES_MAX, ResolutionAnswer, ResolutionAsked, ResolutionRequest};
use contracts::problem::{Problem, ProblemType};
use contracts::shape::{self, Field, Kind};
use domain::donation::{Resolution, Resolved};
use domain::ids::{DonationId, Note, Operator, ProviderReference};
use lambda_runtime::{Error, LambdaEvent};
use tracing::{error, info};

pub use configuration::Config;

const RESOLUTION: &[Field] = &[
    ("resolution", Kind::Text, false),
    ("look_up", Kind::Text, false),
    ("by", Kind::Text, true),
    ("note", Kind::Text, true),
];

/// Answers one request.
///
/// # Errors
/// Never for anything that a client or the world did: those are problems.
pub async fn handle<D: Donations, E: Events, P: PaymentProvider, C: Clock>(
    resolve_review: &ResolveReview<D, E, P, C>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let work = pin!(resolve(resolve_review, &event.payload));
    match kit::telemetry::invocation(kit::http::scope(&event), work).await {
        Ok(answer) => kit::http::json(200, &[], &answer),
        Err(problem) => kit::http::problem(&problem),
    }
}

async fn resolve<D: Donations, E: Events, P: PaymentProvider, C: Clock>(
    resolve_review: &ResolveReview<D, E, P, C>,
    request: &ApiGatewayV2httpRequest,
) -> Result<ResolutionAnswer, Problem> {
    let caller = kit::http::iam_caller(request)?;
    let bytes = kit::http::json_body(request, BODY_BYTES_MAX)?;
    let body: ResolutionRequest =
        serde_json::from_slice(&bytes).map_err(|_| shape::explain(&bytes, RESOLUTION))?;
    let id = request.path_parameters.get("id").and_then(|id| DonationId::parse(id).ok());
    let id = id.ok_or_else(Problem::no_donation)?;
    let by = shape::typed("/by", &body.by, Operator::parse)?;
    let note = shape::typed("/note", &body.note, Note::parse)?;
    let resolving = match body.asked() {
        Some(ResolutionAsked::Decision(name)) => {
            let resolution = Resolution::parse(name).ok_or_else(|| {
                let names = Resolution::ALL.map(Resolution::name).join(", ");
                Problem::invalid("/resolution", format!("must be one of {names}"))
            })?;
            let at = resolve_review.clock.now();
            resolve_review.decide(&id, Resolved { resolution, by, note, at }).await
        }
        Some(ResolutionAsked::LookUp(reference)) => {
            let payment =
                ProviderReference::parse(reference).map_err(|rule| Problem::invalid("/look_up", rule))?;
            resolve_review.look_up(&id, &payment).await
        }
        None => return Err(Problem::invalid("/resolution", "or /look_up must be there, and not both")),
    };
    let resolving = resolving.map_err(|fault| {
        error!(donation.id = %id, fault = fault.chain(), "a review could not be resolved");
        let detail = "Nothing is known to be stored. Send the same request again.";
        Problem::new(ProblemType::TryAgain, None, detail)
    })?;
    info!(donation.id = %id, caller, "a review was dealt with");
    answer(resolving)
}

fn answer(resolving: Resolving) -> Result<ResolutionAnswer, Problem> {
    match resolving {
        Resolving::Resolved(donation) | Resolving::LookedUp(donation) => Ok(ResolutionAnswer::of(&donation)),
        Resolving::NotOfThisDonation => {
            let detail =
                "Nothing was changed: the provider has no such payment, or it names another donation.";
            Err(Problem::new(ProblemType::PaymentNotMatched, Some("/look_up"), detail))
        }
        Resolving::Refused(refusal) => {
            Err(Problem::new(refusal.into(), None, format!("Nothing was changed: {refusal}.")))
        }
        Resolving::Missing => Err(Problem::no_donation()),
    }
}

#[cfg(test)]
mod tests;
