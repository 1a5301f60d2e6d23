//! The kinds of object the API shows.

/// A kind of object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    PaymentIntent,
    Charge,
    Refund,
    Dispute,
    BalanceTransaction,
    Payout,
    Event,
}

impl Kind {
    /// The kind as Stripe's `object` field names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::PaymentIntent => "payment_intent",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::BalanceTransaction => "balance_transaction",
            Self::Payout => "payout",
            Self::Event => "event",
        }
    }

    /// The path of the kind's list.
    pub(crate) fn path(self) -> &'static str {
        match self {
            Self::PaymentIntent => "/v1/payment_intents",
            Self::Charge => "/v1/charges",
            Self::Refund => "/v1/refunds",
            Self::Dispute => "/v1/disputes",
            Self::BalanceTransaction => "/v1/balance_transactions",
            Self::Payout => "/v1/payouts",
            Self::Event => "/v1/events",
        }
    }

    /// The kind of object that an id names.
    pub(crate) fn of_id(id: &str) -> Option<Self> {
        match id.split_once('_')?.0 {
            "ch" => Some(Self::Charge),
            "pi" => Some(Self::PaymentIntent),
            "re" => Some(Self::Refund),
            "du" => Some(Self::Dispute),
            "txn" => Some(Self::BalanceTransaction),
            "po" => Some(Self::Payout),
            _ => None,
        }
    }
}
