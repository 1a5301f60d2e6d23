//! `accept-donation`: make a donation durable and answer at once.
//!
//! In: `POST /donations` with an `Idempotency-Key`. Out: 202 with the address of the donation's status, as soon as the
//! donation is durable; `donation.accepted.v1` on the topic. Every refusal is an RFC 9457 problem that names the field
//! and the rule, and nothing is stored then.

mod configuration;
mod fields;
mod parse;
mod source;

use std::pin::pin;

use app::accept_donation::{AcceptDonation, Answer};
use app::capability::StatusAddresses;
use app::marks::Marks;
use app::ports::{CapabilityKeys, Clock, Donations, Events, Fault};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use contracts::http::DonationStatus;
use contracts::problem::{Problem, ProblemType};
use contracts::telemetry::{Metric, measure};
use domain::minimum::Minimums;
use domain::screening::Source;
use http::header::{HeaderName, LOCATION, RETRY_AFTER};
use lambda_runtime::{Error, LambdaEvent};
use tracing::{error, warn};

pub use configuration::Config;
pub use parse::parse;
pub use source::SourceAddress;

/// What the function stands on.
#[derive(Debug)]
pub struct Function<D, E, C, K> {
    /// The use case.
    pub accept_donation: AcceptDonation<D, E, C>,
    /// Where the donor will see the donation's status.
    pub addresses: StatusAddresses<K>,
    /// Where a caller's address is read.
    pub source_address: SourceAddress,
    /// The least that may be given.
    pub minimums: Minimums,
}

/// Answers one request.
///
/// # Errors
/// Never for anything that a client or the world did: those are problems.
pub async fn handle<D, E, C, K>(
    function: &Function<D, E, C, K>,
    event: LambdaEvent<ApiGatewayV2httpRequest>,
) -> Result<ApiGatewayV2httpResponse, Error>
where
    D: Donations,
    E: Events,
    C: Clock,
    K: CapabilityKeys,
{
    let work = pin!(async {
        let begun = function.accept_donation.clock.now();
        let accepted = accept(function, &event.payload).await;
        let is_new = matches!(accepted, Ok((_, false)));
        let is_fault = accepted.as_ref().is_err_and(|problem| problem.status >= 500);
        measure(Metric::AcceptedDonations, u64::from(is_new));
        measure(Metric::AcceptFaults, u64::from(is_fault));
        if accepted.is_ok() {
            let millis = function.accept_donation.clock.now().since(begun).as_millis();
            measure(Metric::AcceptMillis, millis);
        }
        accepted
    });
    match kit::telemetry::invocation(kit::http::scope(&event), work).await {
        Ok((status, is_replay)) => accepted(&status, is_replay),
        Err(problem) => kit::http::problem(&problem),
    }
}

async fn accept<D, E, C, K>(
    function: &Function<D, E, C, K>,
    request: &ApiGatewayV2httpRequest,
) -> Result<(DonationStatus, bool), Problem>
where
    D: Donations,
    E: Events,
    C: Clock,
    K: CapabilityKeys,
{
    let mut offer = parse(request)?;
    let answer = match parse::refuse_below(&function.minimums, &offer) {
        Ok(()) => {
            offer.source = source(function, request).await;
            function.accept_donation.run(offer).await.map_err(|fault| try_again(&fault))?
        }
        Err(problem) => {
            let made_before = function.accept_donation.made_before(&offer).await;
            Answer::Replayed(Box::new(made_before.map_err(|fault| try_again(&fault))?.ok_or(problem)?))
        }
    };
    let (donation, is_replay) = match answer {
        Answer::Accepted(donation) => (donation, false),
        Answer::Replayed(donation) => (donation, true),
        Answer::KeyReused => {
            let detail =
                "This key belongs to a donation with other contents. Mint a new key for a new donation.";
            return Err(Problem::new(ProblemType::KeyReused, Some("Idempotency-Key"), detail));
        }
    };
    let address = function.addresses.address(&donation.id).await.map_err(|fault| try_again(&fault))?;
    Ok((DonationStatus::of(&donation, address), is_replay))
}

/// The caller's mark. A donation without one is taken all the same.
async fn source<D, E, C, K: CapabilityKeys>(
    function: &Function<D, E, C, K>,
    request: &ApiGatewayV2httpRequest,
) -> Option<Source> {
    let address = function.source_address.of(request)?;
    match Marks::under(&function.addresses.keys).await {
        Ok(marks) => Some(marks.source(address)),
        Err(fault) => {
            warn!(fault = fault.chain(), "where a donation came from was not marked");
            None
        }
    }
}

fn accepted(status: &DonationStatus, is_replay: bool) -> Result<ApiGatewayV2httpResponse, Error> {
    let replayed = HeaderName::from_static("idempotent-replayed");
    let mut headers = vec![(LOCATION, status.status_url.as_str()), (RETRY_AFTER, "1")];
    if is_replay {
        headers.push((replayed, "true"));
    }
    kit::http::json(202, &headers, status)
}

fn try_again(fault: &Fault) -> Problem {
    error!(fault = fault.chain(), "a donation could not be accepted");
    let detail =
        "The donation may or may not be stored. The same request with the same key is safe and will tell.";
    Problem::new(ProblemType::TryAgain, None, detail)
}

#[cfg(test)]
mod tests;
