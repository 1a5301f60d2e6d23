//! From an HTTP request to a refund that the domain can decide about, or a problem that names the field and the rule.

use app::ports::Donations;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use contracts::http::{BODY_BYTES_MAX, RefundRequest};
use contracts::idempotency_key;
use contracts::problem::Problem;
use contracts::shape::{self, Field, Kind};
use domain::currency::Currency;
use domain::donation::RefundRequest as Asked;
use domain::ids::{DonationId, Operator, ProviderReference, RefundId};
use domain::money::Money;
use domain::takings::RefundReason;
use tracing::error;

const REFUND: &[Field] = &[
    ("amount", Kind::Text, false),
    ("payment", Kind::Text, false),
    ("reason", Kind::Text, true),
    ("asked_by", Kind::Text, true),
];

/// The reasons that a person may give.
const REASONS: [RefundReason; 3] =
    [RefundReason::RequestedByDonor, RefundReason::Duplicate, RefundReason::Fraudulent];

/// Reads a request. The donation is loaded for its currency alone, and only where an amount is given.
pub(crate) async fn parse(
    request: &ApiGatewayV2httpRequest,
    donations: &impl Donations,
) -> Result<(DonationId, Asked), Problem> {
    let bytes = kit::http::json_body(request, BODY_BYTES_MAX)?;
    let key = idempotency_key::read(&kit::http::header_values(&request.headers, "idempotency-key"))?;
    let body: RefundRequest = serde_json::from_slice(&bytes).map_err(|_| shape::explain(&bytes, REFUND))?;
    let id = request.path_parameters.get("id").and_then(|id| DonationId::parse(id).ok());
    let id = id.ok_or_else(Problem::no_donation)?;
    let payment = body.payment.as_deref().map(|reference| {
        ProviderReference::parse(reference).map_err(|rule| Problem::invalid("/payment", rule))
    });
    let reason = REASONS.into_iter().find(|reason| reason.name() == body.reason);
    let asked = Asked {
        id: RefundId::derive(&id, &key),
        payment: payment.transpose()?,
        amount: match &body.amount {
            None => None,
            Some(amount) => {
                let currency = currency_of(&id, donations).await?;
                let money = Money::parse(amount, currency);
                Some(money.map_err(|rule| Problem::invalid("/amount", rule))?)
            }
        },
        reason: reason.ok_or_else(|| {
            let names = REASONS.map(RefundReason::name).join(", ");
            Problem::invalid("/reason", format!("must be one of {names}"))
        })?,
        asked_by: shape::typed("/asked_by", &body.asked_by, Operator::parse)?,
    };
    Ok((id, asked))
}

async fn currency_of(id: &DonationId, donations: &impl Donations) -> Result<Currency, Problem> {
    let stored = donations.load(id).await.map_err(|fault| {
        error!(donation.id = %id, fault = fault.chain(), "a donation could not be loaded");
        super::try_again()
    })?;
    Ok(stored.ok_or_else(Problem::no_donation)?.donation.gift.amount.currency())
}
