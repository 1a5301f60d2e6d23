//! `donate`: makes one donation, and follows it if asked to.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use contracts::http::{
    AddressRequest, DonationRequest, DonationStatus, DonorRequest, GiftAidRequest, PaymentRequest, Status,
};
use host_local::random;
use tokio::time::{Instant, sleep};

use super::Verdict;
use super::client::{Client, Place};
use super::console::say;

/// How long a donation is followed.
const FOLLOW_MAX: Duration = Duration::from_secs(180);
/// The provider of direct debits.
const GOCARDLESS: &str = "gocardless";
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[derive(Debug, Args)]
pub(crate) struct DonateArguments {
    #[command(flatten)]
    place: Place,
    /// Amount in major units
    #[arg(long, default_value = "25.00")]
    amount: String,
    /// ISO 4217 code of the currency
    #[arg(long, default_value = "GBP")]
    currency: String,
    /// Appeal that the gift is for
    #[arg(long, default_value = "winter")]
    appeal: String,
    /// Donor's name
    #[arg(long, default_value = "Ada Example")]
    name: String,
    /// Donor's e-mail address
    #[arg(long, default_value = "ada@example.org")]
    email: String,
    /// Payment provider
    #[arg(long, default_value = "stripe")]
    provider: String,
    /// Give by direct debit, through GoCardless; the money comes days later
    #[arg(long, conflicts_with = "provider")]
    direct_debit: bool,
    /// The provider's token for the card or the mandate, never a card number; one that pays where none is given
    #[arg(long)]
    token: Option<String>,
    /// Idempotency key; a new one where none is given
    #[arg(long)]
    key: Option<String>,
    /// Declare Gift Aid, with an invented address
    #[arg(long)]
    gift_aid: bool,
    /// Follow the donation until its payment has ended
    #[arg(long)]
    wait: bool,
}

pub(crate) async fn run(arguments: DonateArguments) -> anyhow::Result<Verdict> {
    let client = arguments.place.client().await?;
    let key = arguments.key.clone().unwrap_or_else(|| format!("demo-{}", random::uuid()));
    let answer = client
        .http
        .post(format!("{}/donations", client.api))
        .header("idempotency-key", &key)
        .json(&request(&arguments))
        .send()
        .await
        .map_err(|error| client.unreachable(error))?;
    let status = answer.status();
    let body = answer.text().await.context("the answer broke off")?;
    if status != reqwest::StatusCode::ACCEPTED {
        bail!("the donation was not accepted: {status} {body}");
    }
    say(format!("{status} with key {key}"))?;
    say(&body)?;
    if !arguments.wait {
        return Ok(Verdict::Good);
    }
    let accepted: DonationStatus =
        serde_json::from_str(&body).context("the answer is not of this version")?;
    follow(&client, &accepted.status_url, payment(&arguments).provider == GOCARDLESS).await
}

fn request(arguments: &DonateArguments) -> DonationRequest {
    DonationRequest {
        amount: arguments.amount.clone(),
        currency: arguments.currency.clone(),
        appeal: arguments.appeal.clone(),
        payment: payment(arguments),
        donor: DonorRequest {
            name: arguments.name.clone(),
            email: arguments.email.clone(),
            address: arguments.gift_aid.then(invented_address),
        },
        gift_aid: arguments.gift_aid.then(|| GiftAidRequest { wording_version: "2026-01".to_owned() }),
        channel: "web".to_owned(),
    }
}

fn payment(arguments: &DonateArguments) -> PaymentRequest {
    let provider = if arguments.direct_debit { GOCARDLESS } else { &arguments.provider };
    let pays = if provider == GOCARDLESS { "MD000ADAEXAMPLE" } else { "pm_card_visa" };
    let token = arguments.token.clone().unwrap_or_else(|| pays.to_owned());
    PaymentRequest { provider: provider.to_owned(), token }
}

/// Where nobody lives.
pub(crate) fn invented_address() -> AddressRequest {
    AddressRequest {
        line_1: "1 Example Street".to_owned(),
        line_2: None,
        town: Some("Exampleton".to_owned()),
        postal_code: "EX1 1AA".to_owned(),
        country: "GB".to_owned(),
    }
}

async fn follow(client: &Client, status_url: &str, is_direct_debit: bool) -> anyhow::Result<Verdict> {
    let until = Instant::now() + FOLLOW_MAX;
    let mut last = None;
    while Instant::now() < until {
        let answer = client.http.get(status_url).send().await.map_err(|error| client.unreachable(error))?;
        let answer = answer.error_for_status().context("the status cannot be read")?;
        let now: DonationStatus = answer.json().await.context("the status is not of this version")?;
        if last != Some(now.status) {
            say(serde_json::to_string(&now).context("a status is JSON")?)?;
            last = Some(now.status);
        }
        match now.status {
            Status::Captured
            | Status::Declined
            | Status::UnderReview
            | Status::PartiallyRefunded
            | Status::Refunded
            | Status::Disputed
            | Status::DisputeLost => return Ok(Verdict::Good),
            Status::ActionRequired => {
                say("the bank wants the donor to confirm; nothing more happens until then")?;
                return Ok(Verdict::Good);
            }
            Status::InProgress if is_direct_debit => {
                say(
                    "the bank takes days over it; `outpour clock --advance 10d` moves the whole stack there",
                )?;
                return Ok(Verdict::Good);
            }
            Status::Accepted | Status::InProgress => sleep(LOOK_EVERY).await,
        }
    }
    bail!(
        "the payment has not ended within {} s; `outpour donation ID` shows what happened so far",
        FOLLOW_MAX.as_secs()
    );
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        donate: DonateArguments,
    }

    fn paid_with(arguments: &[&str]) -> Option<(String, String)> {
        let line = Line::try_parse_from([&["donate"], arguments].concat()).ok()?;
        let PaymentRequest { provider, token } = payment(&line.donate);
        Some((provider, token))
    }

    #[test]
    fn a_donation_is_by_card_unless_it_is_by_direct_debit() {
        let pays = |provider: &str, token: &str| Some((provider.to_owned(), token.to_owned()));
        assert_eq!(paid_with(&[]), pays("stripe", "pm_card_visa"));
        assert_eq!(paid_with(&["--direct-debit"]), pays("gocardless", "MD000ADAEXAMPLE"));
        assert_eq!(paid_with(&["--direct-debit", "--token", "MDlateADA"]), pays("gocardless", "MDlateADA"));
        assert_eq!(paid_with(&["--provider", "gocardless"]), pays("gocardless", "MD000ADAEXAMPLE"));
        assert_eq!(paid_with(&["--direct-debit", "--provider", "stripe"]), None);
    }
}
