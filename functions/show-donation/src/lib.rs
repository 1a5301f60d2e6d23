//! `show-donation`: what became of a donation, for whoever has its address.
//!
//! In: `GET /donations/{id}?capability=…`. Out: the status, whether money was taken, and what the donor's browser has
//! to do next. A wrong capability and a wrong id get the same 404.

mod configuration;

use std::pin::pin;

use app::ports::{CapabilityKeys, Donations, Fault};
use app::show_donation::ShowDonation;
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use contracts::http::DonationStatus;
use contracts::problem::{Problem, ProblemType};
use domain::ids::DonationId;
use lambda_runtime::{Error, LambdaEvent};
use tracing::error;

pub use configuration::Config;

/// Answers one request.
///
/// # Errors
/// Never for anything that a client or the world did: those are problems.
pub async fn handle<D: Donations, K: CapabilityKeys>(
    show_donation: &ShowDonation<D, K>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error> {
    let work = pin!(show(show_donation, &event.payload));
    match kit::telemetry::invocation(kit::http::scope(&event), work).await {
        Ok(Some(status)) => kit::http::json(200, &[], &status),
        Ok(None) => {
            let detail =
                "Either the donation does not exist or the address is not the one that was given out for it.";
            kit::http::problem(&Problem::new(ProblemType::NotFound, None, detail))
        }
        Err(fault) => {
            error!(fault = fault.chain(), "a donation could not be shown");
            let detail = "The status could not be read just now. The donation is not affected.";
            kit::http::problem(&Problem::new(ProblemType::TryAgain, None, detail))
        }
    }
}

async fn show<D: Donations, K: CapabilityKeys>(
    show_donation: &ShowDonation<D, K>,
    request: &ApiGatewayV2httpRequest,
) -> Result<Option<DonationStatus>, Fault> {
    let id = request.path_parameters.get("id").and_then(|id| DonationId::parse(id).ok());
    let (Some(id), Some(capability)) = (id, request.query_string_parameters.first("capability")) else {
        return Ok(None);
    };
    let shown = show_donation.run(&id, capability).await?;
    Ok(shown.map(|shown| DonationStatus::of(&shown.donation, shown.address)))
}

#[cfg(test)]
mod tests;
