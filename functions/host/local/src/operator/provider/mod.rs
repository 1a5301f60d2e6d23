//! What the providers say they have taken, given back and hold, through their own lists.
//!
//! One module for each provider reads that provider's lists and puts them in our words; a further provider is a
//! further module and a line in [`Lists`]. A list of the operator's is the lists of all accounts, one after another.

pub(crate) mod gocardless;
pub(crate) mod stripe;

use axum::Json;
use axum::extract::{Query, State};
use domain::journal::EntryKind;
use serde::de::DeserializeOwned;

use super::failure::OperatorError;
use super::stored::After;
use super::view::{
    DisputePage, MovementEffect, MovementPage, Page, PaymentPage, ProviderBalance, ProviderDispute,
    ProviderMovement, ProviderPayment, ProviderRefund, RefundPage,
};
use crate::records::{Account, Records};

type Answer<T> = Result<Json<T>, OperatorError>;
type Read<T> = Result<T, OperatorError>;

/// One provider's lists. Each method reads one page, from a cursor of the provider's own.
trait Reader {
    async fn payments(&self, after: Option<&str>) -> Read<Page<ProviderPayment>>;
    async fn refunds(&self, after: Option<&str>) -> Read<Page<ProviderRefund>>;
    async fn disputes(&self, after: Option<&str>) -> Read<Page<ProviderDispute>>;
    async fn movements(&self, after: Option<&str>) -> Read<Page<ProviderMovement>>;
    /// What the provider holds, by currency.
    async fn balance(&self) -> Read<Vec<ProviderBalance>>;
}

/// The lists of whichever provider it is.
enum Lists<'a> {
    Stripe(stripe::Lists<'a>),
    GoCardless(gocardless::Lists<'a>),
}

impl<'a> Lists<'a> {
    fn of(records: &'a Records, account: &'a Account) -> Read<Self> {
        let desk = Desk { records, account };
        match account.provider.name() {
            "stripe" => Ok(Self::Stripe(stripe::Lists(desk))),
            "gocardless" => Ok(Self::GoCardless(gocardless::Lists(desk))),
            other => Err(OperatorError::NotFound(format!("nobody can read the lists of {other}"))),
        }
    }
}

/// Calls the same method on whichever it is.
macro_rules! whichever {
    ($lists:expr, $inner:ident => $call:expr) => {
        match $lists {
            Lists::Stripe($inner) => $call,
            Lists::GoCardless($inner) => $call,
        }
    };
}

pub(super) async fn payments(
    State(records): State<Records>,
    Query(after): Query<After>,
) -> Answer<PaymentPage> {
    let turn = Turn::of(&records, after.after.as_deref())?;
    let page = whichever!(&turn.lists, one => one.payments(turn.cursor).await)?;
    Ok(turn.page(page))
}

pub(super) async fn refunds(
    State(records): State<Records>,
    Query(after): Query<After>,
) -> Answer<RefundPage> {
    let turn = Turn::of(&records, after.after.as_deref())?;
    let page = whichever!(&turn.lists, one => one.refunds(turn.cursor).await)?;
    Ok(turn.page(page))
}

pub(super) async fn disputes(
    State(records): State<Records>,
    Query(after): Query<After>,
) -> Answer<DisputePage> {
    let turn = Turn::of(&records, after.after.as_deref())?;
    let page = whichever!(&turn.lists, one => one.disputes(turn.cursor).await)?;
    Ok(turn.page(page))
}

pub(super) async fn movements(
    State(records): State<Records>,
    Query(after): Query<After>,
) -> Answer<MovementPage> {
    let turn = Turn::of(&records, after.after.as_deref())?;
    let page = whichever!(&turn.lists, one => one.movements(turn.cursor).await)?;
    Ok(turn.page(page))
}

/// What the providers hold, by provider and currency.
pub(super) async fn balance(State(records): State<Records>) -> Answer<Vec<ProviderBalance>> {
    let mut balances = Vec::new();
    for account in &records.provider.accounts {
        let lists = Lists::of(&records, account)?;
        balances.extend(whichever!(lists, one => one.balance().await)?);
    }
    Ok(Json(balances))
}

/// Whose list is read, and from where. The cursor of a list of all says both: `stripe.pi_1`; with nothing behind the
/// point the list begins.
struct Turn<'a> {
    accounts: &'a [Account],
    index: usize,
    lists: Lists<'a>,
    cursor: Option<&'a str>,
}

impl<'a> Turn<'a> {
    fn of(records: &'a Records, after: Option<&'a str>) -> Read<Self> {
        let accounts = records.provider.accounts.as_slice();
        let (index, cursor) = match after {
            None => (0, None),
            Some(text) => place(accounts, text)?,
        };
        let nobody = || OperatorError::NotFound("there is no account at any provider".to_owned());
        let lists = Lists::of(records, accounts.get(index).ok_or_else(nobody)?)?;
        Ok(Self { accounts, index, lists, cursor })
    }

    /// The page, with where the list of all goes on.
    fn page<T>(&self, page: Page<T>) -> Json<Page<T>> {
        let begins = |account: &Account| format!("{}.", account.provider);
        let next = match page.next {
            Some(cursor) => self.accounts.get(self.index).map(|account| begins(account) + &cursor),
            None => self.accounts.get(self.index + 1).map(begins),
        };
        Json(Page { items: page.items, next })
    }
}

fn place<'a>(accounts: &[Account], text: &'a str) -> Read<(usize, Option<&'a str>)> {
    let wrong = || OperatorError::Refused("after: must be the next of an earlier page".to_owned());
    let (name, cursor) = text.split_once('.').ok_or_else(wrong)?;
    let index = accounts.iter().position(|account| account.provider.name() == name).ok_or_else(wrong)?;
    if !cursor.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(wrong());
    }
    Ok((index, Some(cursor).filter(|cursor| !cursor.is_empty())))
}

/// Asks one provider's API under one account.
#[derive(Clone, Copy)]
struct Desk<'a> {
    records: &'a Records,
    account: &'a Account,
}

impl Desk<'_> {
    /// Reads what is at this path, query included.
    async fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        headers: &[(&'static str, &'static str)],
    ) -> Read<T> {
        let unavailable = OperatorError::unavailable("the provider's list");
        let mut request = self.records.http.get(format!("{}{path}", self.account.url));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.bearer_auth(&self.account.api_key).send().await;
        let answer = answer.map_err(|error| unavailable(&error))?;
        let status = answer.status();
        if !status.is_success() {
            let path = path.split('?').next().unwrap_or_default();
            return Err(unavailable(&format!("GET {path} answered {status}")));
        }
        answer.json().await.map_err(|error| unavailable(&error))
    }

    fn provider(&self) -> String {
        self.account.provider.to_string()
    }
}

fn effect(kind: EntryKind, reference: impl Into<String>, minor: i64) -> MovementEffect {
    MovementEffect { kind: kind.name().to_owned(), reference: reference.into(), minor }
}

#[cfg(test)]
mod tests {
    use domain::ids::Provider;

    use super::*;

    #[test]
    fn a_cursor_says_whose_list_goes_on_and_where_and_nothing_else_is_one() {
        let account = |provider| Account { provider, url: String::new(), api_key: String::new() };
        let accounts = [account(Provider::STRIPE), account(Provider::of("gocardless"))];
        let read = |text| place(&accounts, text).ok();
        assert_eq!(read("stripe.pi_1"), Some((0, Some("pi_1"))));
        assert_eq!(read("gocardless."), Some((1, None)));
        for wrong in ["", "pi_1", "paypal.X", "stripe.pi&limit=1", "stripe.pi.1", "gocardless./x"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
