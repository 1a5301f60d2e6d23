//! Lists: newest first, in pages, filtered.
//!
//! Rules: <https://docs.stripe.com/api/pagination>.

use rusqlite::params_from_iter;
use rusqlite::types::Value as Sql;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::storage::doing;
use crate::storage::objects;
use crate::stripe::expand::expand;
use crate::stripe::form::{Field, Params};
use crate::stripe::kind::Kind;
use crate::stripe::refusal::{Refusal, Stop};
use crate::work::Work;

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// Events can be read for 30 days, <https://docs.stripe.com/api/events>.
const EVENTS_KEPT_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Parameters of every list.
const PAGING: [&str; 5] = ["created", "ending_before", "expand", "limit", "starting_after"];

/// `GET` of a kind's list.
pub(crate) fn list(work: &Work<'_>, kind: Kind, params: &Params) -> Result<Answer, Stop> {
    let (own, unsupported) = filters(kind);
    let known: Vec<&str> = PAGING.iter().chain(own).copied().collect();
    params.only(&known, unsupported)?;
    let limit = read_limit(params)?;
    let mut page = Query::new(kind);
    if kind == Kind::Event {
        page.and("created > ?", work.now() - EVENTS_KEPT_SECONDS);
    }
    page.created(params)?;
    for name in own {
        page.filter(work, params, name)?;
    }
    let backwards = page.turn(work, kind, params)?;
    let mut rows = page.run(work, backwards, limit + 1)?;
    let has_more = rows.len() > usize::try_from(limit).expect("a page has at most 100 rows");
    if has_more {
        rows.pop();
    }
    if backwards {
        rows.reverse();
    }
    let shown: Result<Vec<Value>, _> = rows.iter().map(|(id, body)| work.show_body(kind, id, body)).collect();
    let page = json!({ "object": "list", "data": shown?, "has_more": has_more, "url": kind.path() });
    Ok(Answer::new(200, &expand(work, page, &params.expand()?)?))
}

/// `GET` of one object, for the kinds that need no more than that.
pub(crate) fn retrieve(work: &mut Work<'_>, kind: Kind, id: &str, params: &Params) -> Result<Answer, Stop> {
    params.only(&["expand"], &[])?;
    let found = work.show_any(kind, id)?;
    let shown = found.ok_or_else(|| Refusal::no_such(kind.name(), id, "id", true))?;
    if let Some(Value::String(intent)) = shown.get("payment_intent") {
        work.subject.payment_intent = Some(intent.clone());
    }
    Ok(Answer::new(200, &expand(work, shown, &params.expand()?)?))
}

/// The filters of a kind's list: those the sandbox has, and those only Stripe has.
fn filters(kind: Kind) -> (&'static [&'static str], &'static [&'static str]) {
    match kind {
        Kind::PaymentIntent => (&[], &["customer", "customer_account"]),
        Kind::Charge => (&["payment_intent"], &["customer", "transfer_group"]),
        Kind::Refund | Kind::Dispute => (&["payment_intent", "charge"], &[]),
        Kind::BalanceTransaction => (&["currency", "payout", "source", "type"], &[]),
        Kind::Payout => (&["status"], &["arrival_date", "destination"]),
        Kind::Event => (&["type", "types", "delivery_success"], &[]),
    }
}

fn read_limit(params: &Params) -> Result<i64, Refusal> {
    let limit = params.integer("limit")?.unwrap_or(LIMIT_DEFAULT);
    if !(1..=LIMIT_MAX).contains(&limit) {
        let message = format!("Invalid limit: it must be 1 to {LIMIT_MAX}.");
        return Err(Refusal::coded("limit", "parameter_invalid_integer", message));
    }
    Ok(limit)
}

/// A selection of objects under construction.
struct Query {
    conditions: Vec<String>,
    values: Vec<Sql>,
}

impl Query {
    fn new(kind: Kind) -> Self {
        Self { conditions: vec!["kind = ?".into()], values: vec![Sql::Text(kind.name().into())] }
    }

    fn and(&mut self, condition: impl Into<String>, value: impl Into<Sql>) {
        self.conditions.push(condition.into());
        self.values.push(value.into());
    }

    /// `created=..` or `created[gte]=..` and its like, in seconds since the Unix epoch.
    fn created(&mut self, params: &Params) -> Result<(), Refusal> {
        let bounds = [("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")];
        if let Some(Field::Text(_)) = params.fields.get("created") {
            if let Some(at) = params.integer("created")? {
                self.and("created = ?", at);
            }
            return Ok(());
        }
        let Some(range) = params.nested("created", &bounds.map(|(name, _)| name))? else { return Ok(()) };
        for (name, sign) in bounds {
            let bound = range
                .integer(name)
                .map_err(|refusal| Refusal { param: Some(format!("created[{name}]")), ..refusal })?;
            if let Some(bound) = bound {
                self.and(format!("created {sign} ?"), bound);
            }
        }
        Ok(())
    }

    fn filter(&mut self, work: &Work<'_>, params: &Params, name: &str) -> Result<(), Stop> {
        if name == "types" {
            let types = params.list(name)?;
            if !types.is_empty() {
                let places = vec!["?"; types.len()].join(", ");
                self.conditions.push(format!("label IN ({places})"));
                self.values.extend(types.into_iter().map(Sql::Text));
            }
            return Ok(());
        }
        let Some(value) = params.text(name)? else { return Ok(()) };
        if name == "delivery_success" {
            let failed =
                "EXISTS (SELECT 1 FROM deliveries WHERE event = objects.id AND state <> 'delivered') = ?";
            self.and(failed, i64::from(!params.boolean(name)?));
            return Ok(());
        }
        if name == "payout" && objects::position(work.db, Kind::Payout.name(), value)?.is_none() {
            return Err(Refusal::no_such(Kind::Payout.name(), value, name, false).into());
        }
        let condition = match name {
            "payment_intent" => "parent = ?",
            "charge" => "body ->> '$.charge' = ?",
            "source" => "body ->> '$.source' = ?",
            "payout" => "body ->> '$.payout' = ?",
            "currency" => "currency = ?",
            _ => "label = ?",
        };
        self.and(condition, value.to_owned());
        Ok(())
    }

    /// Starts the page after or before an object. Returns whether the page goes backwards.
    fn turn(&mut self, work: &Work<'_>, kind: Kind, params: &Params) -> Result<bool, Stop> {
        let (after, before) = (params.text("starting_after")?, params.text("ending_before")?);
        let (id, name, condition) = match (after, before) {
            (None, None) => return Ok(false),
            (Some(_), Some(_)) => {
                let message = "Send starting_after or ending_before, not both.";
                return Err(Refusal::param("ending_before", message).into());
            }
            (Some(id), None) => (id, "starting_after", "seq < ?"),
            (None, Some(id)) => (id, "ending_before", "seq > ?"),
        };
        let position = objects::position(work.db, kind.name(), id)?;
        let position = position.ok_or_else(|| Refusal::no_such(kind.name(), id, name, false))?;
        self.and(condition, position);
        Ok(before.is_some())
    }

    /// The ids and bodies of at most `limit` objects.
    fn run(self, work: &Work<'_>, backwards: bool, limit: i64) -> Result<Vec<(String, String)>, Stop> {
        let failed = doing("listing objects");
        let direction = if backwards { "ASC" } else { "DESC" };
        let sql = format!(
            "SELECT id, body FROM objects WHERE {} ORDER BY seq {direction} LIMIT {limit}",
            self.conditions.join(" AND ")
        );
        let mut query = work.db.prepare_cached(&sql).map_err(&failed)?;
        let rows = query
            .query_map(params_from_iter(self.values), |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&failed)?;
        Ok(rows.collect::<Result<_, _>>().map_err(failed)?)
    }
}
