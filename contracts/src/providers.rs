//! What is agreed with payment providers beyond their own APIs.

/// The types of Stripe's events that the pipeline's webhook endpoint is registered for: those that change a donation,
/// and those after which a person must look. Every other type would only cost a call and a stored item.
///
/// `enabled_events` of <https://docs.stripe.com/api/webhook_endpoints/create>.
pub const STRIPE_EVENTS: [&str; 11] = [
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.processing",
    "payment_intent.canceled",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.closed",
    "refund.failed",
    "payout.failed",
];
