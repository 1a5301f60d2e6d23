//! What is sent to GoCardless.

use app::ports::{Collection, RefundOrder};
use serde::Serialize;

/// The body that asks for a payment: the resource's name wraps it.
#[derive(Serialize)]
pub(super) struct CreatePayment<'a> {
    payments: NewPayment<'a>,
}

#[derive(Serialize)]
struct NewPayment<'a> {
    /// Minor units.
    amount: u64,
    currency: String,
    links: Mandate<'a>,
    metadata: OurMetadata<'a>,
    /// A payment that failed must not come back by itself after the donor was told that it failed.
    retry_if_possible: bool,
}

#[derive(Serialize)]
struct Mandate<'a> {
    mandate: &'a str,
}

/// GoCardless keeps at most three keys.
#[derive(Serialize)]
struct OurMetadata<'a> {
    appeal: &'a str,
    donation_id: &'a str,
}

impl<'a> CreatePayment<'a> {
    pub(super) fn of(collection: &'a Collection) -> Self {
        let Collection { donation, appeal, amount, token, .. } = collection;
        let metadata = OurMetadata { appeal: appeal.as_str(), donation_id: donation.as_str() };
        Self {
            payments: NewPayment {
                amount: amount.minor(),
                currency: amount.currency().code().to_owned(),
                links: Mandate { mandate: token.as_str() },
                metadata,
                retry_if_possible: false,
            },
        }
    }
}

/// The body that asks for a refund.
#[derive(Serialize)]
pub(super) struct CreateRefund<'a> {
    refunds: NewRefund<'a>,
}

#[derive(Serialize)]
struct NewRefund<'a> {
    /// Minor units.
    amount: u64,
    links: OfPayment<'a>,
    metadata: RefundMetadata<'a>,
    /// Minor units of all refunds of the payment, this one included.
    total_amount_confirmation: u64,
}

#[derive(Serialize)]
struct OfPayment<'a> {
    payment: &'a str,
}

#[derive(Serialize)]
struct RefundMetadata<'a> {
    donation_id: &'a str,
    refund_id: &'a str,
}

impl<'a> CreateRefund<'a> {
    pub(super) fn of(request: &'a RefundOrder) -> Self {
        let RefundOrder { refund, donation, payment, amount, total, .. } = request;
        Self {
            refunds: NewRefund {
                amount: amount.minor(),
                links: OfPayment { payment: payment.as_str() },
                metadata: RefundMetadata { donation_id: donation.as_str(), refund_id: refund.as_str() },
                total_amount_confirmation: total.minor(),
            },
        }
    }
}

/// The body of an action that needs none: GoCardless wants a document all the same.
#[derive(Serialize)]
pub(super) struct NoParameters {
    data: Nothing,
}

#[derive(Serialize)]
struct Nothing {}

impl NoParameters {
    pub(super) const fn new() -> Self {
        Self { data: Nothing {} }
    }
}
