//! A donation, read from API Gateway's event with as little copying as its text allows.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Failure;
use crate::signature::hex;

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    headers: Headers<'a>,
    #[serde(borrow)]
    body: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Headers<'a> {
    #[serde(rename = "idempotency-key", borrow)]
    key: Cow<'a, str>,
}

/// What the donor's page sends.
#[derive(Deserialize)]
pub(crate) struct Request {
    pub(crate) amount: String,
    pub(crate) currency: String,
    pub(crate) appeal: String,
    pub(crate) channel: String,
    pub(crate) payment: Payment,
    pub(crate) donor: Donor,
    pub(crate) gift_aid: Option<GiftAid>,
}

#[derive(Deserialize)]
pub(crate) struct Payment {
    pub(crate) provider: String,
    pub(crate) token: String,
}

#[derive(Deserialize)]
pub(crate) struct Donor {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) address: Option<Address>,
}

#[derive(Deserialize)]
pub(crate) struct Address {
    pub(crate) line_1: String,
    pub(crate) line_2: Option<String>,
    pub(crate) town: Option<String>,
    pub(crate) postal_code: String,
    pub(crate) country: String,
}

#[derive(Deserialize)]
pub(crate) struct GiftAid {
    pub(crate) wording_version: String,
}

/// A donation to be stored.
pub(crate) struct Donation {
    pub(crate) id: String,
    pub(crate) fingerprint: String,
    pub(crate) minor: u64,
    pub(crate) request: Request,
    pub(crate) accepted_at: u64,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer<'a> {
    status_code: u16,
    headers: AnswerHeaders<'a>,
    body: &'a str,
    is_base64_encoded: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct AnswerHeaders<'a> {
    content_type: &'static str,
    cache_control: &'static str,
    location: &'a str,
    retry_after: &'static str,
}

impl Donation {
    /// The donation of an event.
    pub(crate) fn read(event: &[u8], charity: &str, now: u64) -> Result<Self, Failure> {
        let event: Event<'_> = serde_json::from_slice(event)?;
        let request: Request = serde_json::from_str(&event.body)?;
        let (whole, fraction) = request.amount.split_once('.').ok_or("an amount without pence")?;
        let (whole, pence): (u64, u64) = (whole.parse()?, fraction.parse()?);
        let minor =
            whole.checked_mul(100).and_then(|minor| minor.checked_add(pence)).ok_or("an amount too large")?;
        let id =
            Sha256::new().chain_update(charity).chain_update([0]).chain_update(event.headers.key.as_bytes());
        let id = hex(&id.finalize()[..13]);
        let fingerprint = hex(&Sha256::digest(event.body.as_bytes()));
        Ok(Self { id, fingerprint, minor, request, accepted_at: now })
    }

    /// What the donor's page gets: 202, and where the status will be.
    pub(crate) fn answer(&self, public_url: &str) -> Vec<u8> {
        let Self { id, request, .. } = self;
        let location = format!("{public_url}/donations/{id}");
        let body = format!(
            concat!(
                r#"{{"donation_id":"{}","status":"accepted","money_taken":"not_known_yet","#,
                r#""amount":"{}","currency":"{}","status_url":"{}"}}"#
            ),
            id, request.amount, request.currency, location
        );
        let headers = AnswerHeaders {
            content_type: "application/json",
            cache_control: "no-store",
            location: &location,
            retry_after: "1",
        };
        let answer = Answer { status_code: 202, headers, body: &body, is_base64_encoded: false };
        serde_json::to_vec(&answer).expect("texts and numbers can be written as JSON")
    }
}
