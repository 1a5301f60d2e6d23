//! `refund`: asks for money to go back to a donor, over the same signed route that the charity's own people use.

use clap::{Args, ValueEnum};
use contracts::http::{RefundAnswer, RefundRequest};

use super::Verdict;
use super::client::Place;
use super::console::say;

#[derive(Debug, Args)]
pub(crate) struct RefundArguments {
    #[command(flatten)]
    place: Place,
    /// The donation
    donation: String,
    /// How much, in major units such as 5.00; all that is left when it is not said
    #[arg(long)]
    amount: Option<String>,
    /// The provider's id of the payment, where the money was taken more than once
    #[arg(long)]
    payment: Option<String>,
    /// Why
    #[arg(long, value_enum, default_value = "donor")]
    reason: Reason,
    /// Who asks: a login name or an e-mail address
    #[arg(long)]
    by: String,
    /// The idempotency key, 16 to 255 characters: the same key gives the same refund, however often it is sent
    #[arg(long)]
    key: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Reason {
    /// The donor asked
    Donor,
    /// The money was taken twice or by mistake
    Duplicate,
    /// Somebody else used the donor's card
    Fraud,
}

pub(crate) async fn run(arguments: RefundArguments) -> anyhow::Result<Verdict> {
    let client = arguments.place.client().await?;
    let reason = match arguments.reason {
        Reason::Donor => "requested_by_donor",
        Reason::Duplicate => "duplicate",
        Reason::Fraud => "fraudulent",
    };
    let request = RefundRequest {
        amount: arguments.amount,
        payment: arguments.payment,
        reason: reason.to_owned(),
        asked_by: arguments.by,
    };
    let key = arguments.key.unwrap_or_else(host_local::random::hex::<16>);
    let path = format!("/donations/{}/refunds", arguments.donation);
    let refund: RefundAnswer = client.post_signed(&path, Some(&key), &request).await?;
    say(format!(
        "{}  {} {} of {}  {}  (key {key})",
        refund.refund_id, refund.amount, refund.currency, refund.payment, refund.state
    ))?;
    Ok(Verdict::Good)
}
