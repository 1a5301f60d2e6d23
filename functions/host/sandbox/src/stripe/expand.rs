//! `expand[]`: ids in an answer replaced by the objects they name.
//!
//! Rules: <https://docs.stripe.com/expand>, at most four levels deep.

use serde_json::Value;

use crate::stripe::kind::Kind;
use crate::stripe::refusal::{Refusal, Stop};
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
        expand_one(work, &mut shown, &names, path, false)?;
    }
    Ok(shown)
}

/// Expands the first of the names and then the rest. A source is of one kind here and another there, so that
/// it may lack what another has.
fn expand_one(
    work: &Work<'_>,
    shown: &mut Value,
    names: &[&str],
    path: &str,
    of_source: bool,
) -> Result<(), Stop> {
    let Some((name, rest)) = names.split_first() else { return Ok(()) };
    let cannot =
        || Stop::Refused(Refusal::param("expand", format!("This property cannot be expanded: {path}")));
    if of_source && EXPANDABLE.contains(name) && shown.get(name).is_none() {
        return Ok(());
    }
    let field = shown.get_mut(name).ok_or_else(cannot)?;
    if let Value::Array(items) = field {
        return items.iter_mut().try_for_each(|item| expand_one(work, item, rest, path, false));
    }
    if !EXPANDABLE.contains(name) {
        return Err(cannot());
    }
    if let Value::String(id) = field {
        let kind = Kind::of_id(id).ok_or_else(cannot)?;
        let found = work.show_any(kind, id)?.ok_or_else(cannot)?;
        *field = found;
    }
    if field.is_object() { expand_one(work, field, rest, path, *name == "source") } else { Ok(()) }
}
