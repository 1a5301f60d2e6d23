//! From an HTTP request to an offer that the domain believes, or a problem that names the field and the rule.

use app::accept_donation::Offer;
use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use contracts::http::{AddressRequest, BODY_BYTES_MAX, DonationRequest};
use contracts::idempotency_key;
use contracts::problem::Problem;
use contracts::providers::{PROVIDERS, ProviderProfile, profile};
use contracts::shape;
use domain::card_data::holds_card_number;
use domain::currency::Currency;
use domain::donor::{
    AddressLine, Country, Donor, DonorName, EmailAddress, PostalAddress, PostalCode, TextRefusal,
    WordingVersion,
};
use domain::gift::{Channel, Gift, Instrument};
use domain::ids::{Appeal, PaymentToken, Provider};
use domain::minimum::Minimums;
use domain::money::Money;

use crate::fields::DONATION;

/// Reads an offer from `POST /donations`.
///
/// # Errors
/// The first problem found: the media type, the size, the key, the shape of the body, then each field in the order of
/// the contract.
pub fn parse(request: &ApiGatewayV2httpRequest) -> Result<Offer, Problem> {
    let body = kit::http::json_body(request, BODY_BYTES_MAX)?;
    let key = idempotency_key::read(&kit::http::header_values(&request.headers, "idempotency-key"))?;
    let body: DonationRequest = serde_json::from_slice(&body).map_err(|_| shape::explain(&body, DONATION))?;
    refuse_card_numbers(&body)?;

    let currency = field("/currency", Currency::from_code(&body.currency))?;
    let amount = field("/amount", Money::parse(&body.amount, currency))?;
    let appeal = field("/appeal", Appeal::parse(&body.appeal))?;
    let profile = known_provider(&body.payment.provider)?;
    let token = field("/payment/token", PaymentToken::parse(&body.payment.token))?;
    if amount.minor() > profile.amount_minor_max {
        let rule = format!("must be at most {} minor units", profile.amount_minor_max);
        return Err(Problem::invalid("/amount", &rule));
    }
    let donor = Donor {
        name: field("/donor/name", DonorName::parse(&body.donor.name))?,
        email: field("/donor/email", EmailAddress::parse(&body.donor.email))?,
        address: body.donor.address.as_ref().map(address).transpose()?,
    };
    let gift_aid = match &body.gift_aid {
        None => None,
        Some(_) if donor.address.is_none() => {
            return Err(Problem::invalid(
                "/donor/address",
                "must be there when a Gift Aid declaration is made",
            ));
        }
        Some(declaration) => {
            Some(field("/gift_aid/wording_version", WordingVersion::parse(&declaration.wording_version))?)
        }
    };
    let channel = Channel::parse(&body.channel).ok_or_else(|| {
        let names: Vec<_> = Channel::ALL.iter().map(|channel| channel.name()).collect();
        Problem::invalid("/channel", format!("must be one of {}", names.join(", ")))
    })?;
    Ok(Offer {
        key,
        gift: Gift { amount, appeal, channel },
        donor,
        gift_aid,
        instrument: Instrument { provider: profile.provider, token },
        source: None,
    })
}

fn known_provider(name: &str) -> Result<&'static ProviderProfile, Problem> {
    let known = Provider::parse(name).ok().and_then(profile);
    known.ok_or_else(|| {
        let names: Vec<_> = PROVIDERS.iter().map(|profile| profile.provider.to_string()).collect();
        Problem::invalid("/payment/provider", format!("must be one of {}", names.join(", ")))
    })
}

/// Refuses less than the least that may be given.
pub(crate) fn refuse_below(minimums: &Minimums, offer: &Offer) -> Result<(), Problem> {
    let amount = offer.gift.amount;
    match minimums.least(offer.instrument.provider.name(), amount.currency()) {
        Some(least) if amount.minor() < least.minor() => {
            Err(Problem::invalid("/amount", format!("must be at least {least} {}", least.currency())))
        }
        Some(_) | None => Ok(()),
    }
}

fn address(request: &AddressRequest) -> Result<PostalAddress, Problem> {
    let line = |pointer, text: &Option<String>| {
        text.as_deref().map(|text| field(pointer, AddressLine::parse(text))).transpose()
    };
    Ok(PostalAddress {
        line_1: field("/donor/address/line_1", AddressLine::parse(&request.line_1))?,
        line_2: line("/donor/address/line_2", &request.line_2)?,
        town: line("/donor/address/town", &request.town)?,
        postal_code: field("/donor/address/postal_code", PostalCode::parse(&request.postal_code))?,
        country: field("/donor/address/country", Country::parse(&request.country))?,
    })
}

/// The fields that the domain does not search by itself, because each has a grammar of its own.
fn refuse_card_numbers(body: &DonationRequest) -> Result<(), Problem> {
    let mut texts = vec![
        ("/amount", body.amount.as_str()),
        ("/currency", body.currency.as_str()),
        ("/appeal", body.appeal.as_str()),
        ("/payment/provider", body.payment.provider.as_str()),
        ("/payment/token", body.payment.token.as_str()),
        ("/channel", body.channel.as_str()),
    ];
    if let Some(declaration) = &body.gift_aid {
        texts.push(("/gift_aid/wording_version", declaration.wording_version.as_str()));
    }
    match texts.into_iter().find(|(_, text)| holds_card_number(text)) {
        Some((pointer, _)) => Err(Problem::card_number(pointer)),
        None => Ok(()),
    }
}

fn field<T, E: Into<Refused>>(pointer: &str, parsed: Result<T, E>) -> Result<T, Problem> {
    parsed.map_err(|refused| match refused.into() {
        Refused::CardNumber => Problem::card_number(pointer),
        Refused::Rule(rule) => Problem::invalid(pointer, rule),
    })
}

/// Why the domain refuses a field.
enum Refused {
    CardNumber,
    Rule(String),
}

impl From<TextRefusal> for Refused {
    fn from(refusal: TextRefusal) -> Self {
        match refusal {
            TextRefusal::CardNumber => Self::CardNumber,
            TextRefusal::Empty
            | TextRefusal::TooLong { .. }
            | TextRefusal::ControlCharacter
            | TextRefusal::NotAnAddress
            | TextRefusal::NotACountry
            | TextRefusal::NotAVersion => Self::Rule(refusal.to_string()),
        }
    }
}

macro_rules! rules {
    ($($error:ty),*) => { $(impl From<$error> for Refused {
        fn from(error: $error) -> Self {
            Self::Rule(error.to_string())
        }
    })* };
}
rules!(domain::currency::UnknownCurrency, domain::money::MoneyError, domain::ids::MalformedId);
