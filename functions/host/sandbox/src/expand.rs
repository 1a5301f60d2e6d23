//! `expand[]`: ids in an answer replaced by the objects they name.
//!
//! Rules: <https://docs.stripe.com/expand>, at most four levels deep.

use serde_json::Value;

use crate::refusal::{Refusal, Stop};
use crate::storage::objects::Kind;
use crate::work::Work;

const LEVELS_MAX: usize = 4;

/// The fields that hold ids of objects the sandbox has.
const EXPANDABLE: [&str; 6] = [
    "latest_charge",
    "charge",
    "payment_intent",
    "balance_transaction",
    "failure_balance_transaction",
    "source",
];

/// Expands each of the paths, such as `latest_charge.balance_transaction` or `data.latest_charge`.
pub(crate) fn expand(work: &Work<'_>, mut shown: Value, paths: &[String]) -> Result<Value, Stop> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > LEVELS_MAX {
            let message = format!("At most {LEVELS_MAX} levels may be expanded: {path}");
            return Err(Refusal::param("expand", message).into());
        }
        expand_one(work, &mut shown, &names, path)?;
    }
    Ok(shown)
}

fn expand_one(work: &Work<'_>, shown: &mut Value, names: &[&str], path: &str) -> Result<(), Stop> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    let cannot =
        || Stop::Refused(Refusal::param("expand", format!("This property cannot be expanded: {path}")));
    let field = shown.get_mut(name).ok_or_else(cannot)?;
    if let Value::Array(items) = field {
        return items.iter_mut().try_for_each(|item| expand_one(work, item, rest, path));
    }
    if !EXPANDABLE.contains(name) {
        return Err(cannot());
    }
    if let Value::String(id) = field {
        let kind = kind_of(id).ok_or_else(cannot)?;
        let found = work.show_any(kind, id)?.ok_or_else(cannot)?;
        *field = found;
    }
    if field.is_object() { expand_one(work, field, rest, path) } else { Ok(()) }
}

/// The kind of object that an id names.
fn kind_of(id: &str) -> Option<Kind> {
    match id.split_once('_')?.0 {
        "ch" => Some(Kind::Charge),
        "pi" => Some(Kind::PaymentIntent),
        "re" => Some(Kind::Refund),
        "txn" => Some(Kind::BalanceTransaction),
        _ => None,
    }
}
