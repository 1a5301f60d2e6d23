//! Lists: newest first, in pages with cursors, filtered.
//!
//! Rules: <https://developer.gocardless.com/api-reference/#api-usage-cursor-pagination>.

use rusqlite::types::Value as Sql;
use rusqlite::{ToSql, params_from_iter};
use serde_json::{Map, Value, json};

use super::event::Event;
use super::filters::Filters;
use super::item::Item;
use super::payment::Payment;
use super::payout::Payout;
use super::refund::Refund;
use super::refusal::{Refusal, Stop};
use super::route::{Done, List};
use crate::storage::objects::{self, Stored};
use crate::storage::{StorageFault, doing};
use crate::work::Work;

const LIMIT_DEFAULT: i64 = 50;
const LIMIT_MAX: i64 = 500;

/// The bounds of a time filter.
const BOUNDS: [(&str, &str); 4] = [("gt", ">"), ("gte", ">="), ("lt", "<"), ("lte", "<=")];

impl List {
    /// The path of the list, and the key of the resources in its body.
    fn name(self) -> &'static str {
        match self {
            Self::Payments => "payments",
            Self::Refunds => "refunds",
            Self::Payouts => "payouts",
            Self::PayoutItems => "payout_items",
            Self::Events => "events",
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Payments => Payment::KIND,
            Self::Refunds => Refund::KIND,
            Self::Payouts => Payout::KIND,
            Self::PayoutItems => Item::KIND,
            Self::Events => Event::KIND,
        }
    }

    /// The filters that compare a part of the resource with a text: their name, and where the text stands.
    fn own(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Payments => &[("status", "label"), ("mandate", "parent"), ("currency", "currency")],
            Self::Refunds => &[("payment", "parent"), ("mandate", "body ->> '$.mandate'")],
            Self::Payouts => {
                &[("status", "label"), ("currency", "currency"), ("reference", "body ->> '$.reference'")]
            }
            Self::PayoutItems => &[("payout", "label")],
            Self::Events => &[
                ("action", "label"),
                ("resource_type", "body ->> '$.resource_type'"),
                ("payment", "body ->> '$.links.payment'"),
                ("refund", "body ->> '$.links.refund'"),
                ("payout", "body ->> '$.links.payout'"),
                ("parent_event", "body ->> '$.links.parent_event'"),
            ],
        }
    }

    fn show(self, id: &str, body: &str) -> Result<Value, StorageFault> {
        Ok(match self {
            Self::Payments => objects::read::<Payment>(id, body)?.show(),
            Self::Refunds => objects::read::<Refund>(id, body)?.show(),
            Self::Payouts => objects::read::<Payout>(id, body)?.show(),
            Self::PayoutItems => objects::read::<Item>(id, body)?.show(),
            Self::Events => objects::read::<Event>(id, body)?.show(),
        })
    }
}

/// `GET` of a list.
pub(crate) fn list(work: &Work<'_>, list: List, mut filters: Filters) -> Result<Done, Stop> {
    let limit = read_limit(&mut filters)?;
    let (after, before) = (filters.take("after"), filters.take("before"));
    let mut query = Query::new(list.kind());
    for (name, place) in list.own() {
        match filters.take(name) {
            Some(text) => query.and(format!("{place} = ?"), text),
            None if *name == "payout" && list == List::PayoutItems => {
                return Err(Refusal::filter("payout", "is required").into());
            }
            None => {}
        }
    }
    if list != List::PayoutItems {
        for (bound, sign) in BOUNDS {
            if let Some(time) = filters.time(&format!("created_at[{bound}]"))? {
                query.and(format!("created {sign} ?"), time);
            }
        }
    }
    filters.finish()?;
    let page = query.page(work, list, limit, after.as_deref(), before.as_deref())?;
    let resources: Vec<Value> =
        page.rows.iter().map(|row| list.show(&row.id, &row.body)).collect::<Result<_, _>>()?;
    let meta = json!({ "cursors": { "before": page.before, "after": page.after }, "limit": limit });
    let body = Map::from_iter([(list.name().to_owned(), Value::Array(resources)), ("meta".to_owned(), meta)]);
    Ok(Done { body: Value::Object(body), created: None })
}

fn read_limit(filters: &mut Filters) -> Result<i64, Refusal> {
    let Some(text) = filters.take("limit") else { return Ok(LIMIT_DEFAULT) };
    let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or_else(|| Refusal::filter("limit", &format!("must be 1 to {LIMIT_MAX}")))
}

/// A selection of resources.
struct Query {
    conditions: Vec<String>,
    values: Vec<Sql>,
}

struct Row {
    seq: i64,
    id: String,
    body: String,
}

/// One page, newest first, and the cursors of its neighbours where it has any.
struct Page {
    rows: Vec<Row>,
    before: Option<String>,
    after: Option<String>,
}

impl Query {
    fn new(kind: &str) -> Self {
        Self { conditions: vec!["kind = ?".into()], values: vec![Sql::Text(kind.to_owned())] }
    }

    fn and(&mut self, condition: impl Into<String>, value: impl Into<Sql>) {
        self.conditions.push(condition.into());
        self.values.push(value.into());
    }

    fn page(
        &self,
        work: &Work<'_>,
        list: List,
        limit: i64,
        after: Option<&str>,
        before: Option<&str>,
    ) -> Result<Page, Stop> {
        let (mut rows, is_backwards) = match (after, before) {
            (None, None) => (self.rows(work, "seq > ?", 0, "DESC", limit)?, false),
            (Some(id), None) => {
                (self.rows(work, "seq < ?", position(work, list, id)?, "DESC", limit)?, false)
            }
            (None, Some(id)) => (self.rows(work, "seq > ?", position(work, list, id)?, "ASC", limit)?, true),
            (Some(_), Some(_)) => {
                return Err(Refusal::filter("before", "cannot be sent together with after").into());
            }
        };
        if is_backwards {
            rows.reverse();
        }
        let (mut earlier, mut later) = (None, None);
        if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
            if !self.rows(work, "seq > ?", first.seq, "ASC", 1)?.is_empty() {
                later = Some(first.id.clone());
            }
            if !self.rows(work, "seq < ?", last.seq, "DESC", 1)?.is_empty() {
                earlier = Some(last.id.clone());
            }
        }
        Ok(Page { rows, before: later, after: earlier })
    }

    fn rows(
        &self,
        work: &Work<'_>,
        place: &str,
        seq: i64,
        direction: &str,
        limit: i64,
    ) -> Result<Vec<Row>, StorageFault> {
        let failed = doing("listing objects");
        let sql = format!(
            "SELECT seq, id, body FROM objects WHERE {} AND {place} ORDER BY seq {direction} LIMIT {limit}",
            self.conditions.join(" AND ")
        );
        let mut query = work.db.prepare_cached(&sql).map_err(&failed)?;
        let values = self.values.iter().map(|value| value as &dyn ToSql);
        query
            .query_map(params_from_iter(values.chain([&seq as &dyn ToSql])), |row| {
                Ok(Row { seq: row.get(0)?, id: row.get(1)?, body: row.get(2)? })
            })
            .map_err(&failed)?
            .collect::<Result<_, _>>()
            .map_err(failed)
    }
}

fn position(work: &Work<'_>, list: List, id: &str) -> Result<i64, Stop> {
    let position = objects::position(work.db, list.kind(), id)?;
    position.ok_or_else(|| Refusal::filter("cursor", "is not one of this list").into())
}
