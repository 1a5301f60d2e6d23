//! The API's paths.

use http::Method;

use crate::answer::Answer;
use crate::stripe::form::Params;
use crate::stripe::kind::Kind;
use crate::stripe::refusal::Stop;
use crate::stripe::{balance, disputes, lists, payment_intents, refund};
use crate::work::Work;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    CreateIntent,
    RetrieveIntent(String),
    ConfirmIntent(String),
    CancelIntent(String),
    CreateRefund,
    UpdateDispute(String),
    CloseDispute(String),
    Retrieve(Kind, String),
    List(Kind),
    Balance,
}

impl Operation {
    /// The operation of a path, or none where the API has none.
    pub(crate) fn of(method: &Method, path: &str) -> Option<Self> {
        let rest = path.strip_prefix("/v1/")?;
        let segments: Vec<&str> = rest.split('/').collect();
        if segments.iter().any(|segment| segment.is_empty()) {
            return None;
        }
        match (method, segments.as_slice()) {
            (&Method::POST, ["payment_intents"]) => Some(Self::CreateIntent),
            (&Method::POST, ["payment_intents", id, "confirm"]) => {
                Some(Self::ConfirmIntent((*id).to_owned()))
            }
            (&Method::POST, ["payment_intents", id, "cancel"]) => Some(Self::CancelIntent((*id).to_owned())),
            (&Method::POST, ["refunds"]) => Some(Self::CreateRefund),
            (&Method::POST, ["disputes", id]) => Some(Self::UpdateDispute((*id).to_owned())),
            (&Method::POST, ["disputes", id, "close"]) => Some(Self::CloseDispute((*id).to_owned())),
            (&Method::GET, ["balance"]) => Some(Self::Balance),
            (&Method::GET, ["payment_intents", id]) => Some(Self::RetrieveIntent((*id).to_owned())),
            (&Method::GET, [list]) => kind_of(list).map(Self::List),
            (&Method::GET, [list, id]) => kind_of(list).map(|kind| Self::Retrieve(kind, (*id).to_owned())),
            _ => None,
        }
    }

    /// The payment intent that the path names.
    pub(crate) fn intent(&self) -> Option<&str> {
        match self {
            Self::RetrieveIntent(id) | Self::ConfirmIntent(id) | Self::CancelIntent(id) => Some(id),
            _ => None,
        }
    }

    /// Does it.
    pub(crate) fn run(&self, work: &mut Work<'_>, params: &Params) -> Result<Answer, Stop> {
        match self {
            Self::CreateIntent => payment_intents::create(work, params),
            Self::RetrieveIntent(id) => payment_intents::retrieve(work, id, params),
            Self::ConfirmIntent(id) => payment_intents::confirm(work, id, params),
            Self::CancelIntent(id) => payment_intents::cancel(work, id, params),
            Self::CreateRefund => refund::create(work, params),
            Self::UpdateDispute(id) => disputes::update(work, id, params),
            Self::CloseDispute(id) => disputes::close(work, id, params),
            Self::Retrieve(kind, id) => lists::retrieve(work, *kind, id, params),
            Self::List(kind) => lists::list(work, *kind, params),
            Self::Balance => balance::show_balance(work, params),
        }
    }
}

fn kind_of(list: &str) -> Option<Kind> {
    match list {
        "payment_intents" => Some(Kind::PaymentIntent),
        "charges" => Some(Kind::Charge),
        "refunds" => Some(Kind::Refund),
        "disputes" => Some(Kind::Dispute),
        "payouts" => Some(Kind::Payout),
        "balance_transactions" => Some(Kind::BalanceTransaction),
        "events" => Some(Kind::Event),
        _ => None,
    }
}
