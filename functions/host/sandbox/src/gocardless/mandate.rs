//! Mandates: a donor's leave to collect from their bank account. Any id that begins with `MD` is one; how it
//! begins after that may ask for something.
//!
//! Object: <https://developer.gocardless.com/api-reference/#core-endpoints-mandates>.

use serde_json::{Value, json};

use super::cause::SCHEME;
use super::days;
use super::payment::CREDITOR;

/// Where the mandate stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Payments are collected; the status that is shown.
    Usable(&'static str),
    /// Payments are refused; the status that is shown.
    Inactive(&'static str),
    /// Another mandate, of this id, has taken its place.
    Replaced(&'static str),
    /// There is no such mandate.
    Missing,
}

/// What becomes of a payment that is collected under the mandate, and of its refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The money comes, and stays.
    Collected,
    /// The bank returns it unpaid in time, with this code.
    Unpaid(&'static str),
    /// It is confirmed, and returned unpaid afterwards, before it is paid out.
    UnpaidLate,
    /// It is paid out, and returned unpaid afterwards.
    UnpaidAfterPayout,
    /// It is paid out, and charged back afterwards.
    ChargedBack,
    /// It is charged back, and the bank takes that back as well.
    ChargedBackAndReturned,
    /// The money comes, but refunds do not arrive.
    RefundsFail,
}

/// The usual mandate.
const ACTIVE: (Standing, Fate) = (Standing::Usable("active"), Fate::Collected);

/// What the letters after `MD` ask for.
const NATURES: [(&str, Standing, Fate); 14] = [
    ("pending", Standing::Usable("pending_submission"), Fate::Collected),
    ("cancelled", Standing::Inactive("cancelled"), Fate::Collected),
    ("failed", Standing::Inactive("failed"), Fate::Collected),
    ("expired", Standing::Inactive("expired"), Fate::Collected),
    ("replaced", Standing::Replaced("MD000REPLACEMENT"), Fate::Collected),
    ("missing", Standing::Missing, Fate::Collected),
    ("declined", ACTIVE.0, Fate::Unpaid("ARUDD-0")),
    ("stopped", ACTIVE.0, Fate::Unpaid("ARUDD-1")),
    ("closed", ACTIVE.0, Fate::Unpaid("ARUDD-B")),
    ("latepaid", ACTIVE.0, Fate::UnpaidAfterPayout),
    ("late", ACTIVE.0, Fate::UnpaidLate),
    ("chargeback", ACTIVE.0, Fate::ChargedBack),
    ("reclaimed", ACTIVE.0, Fate::ChargedBackAndReturned),
    ("refundfails", ACTIVE.0, Fate::RefundsFail),
];

/// One mandate.
#[derive(Clone, Debug)]
pub(crate) struct Mandate {
    id: String,
    pub(crate) standing: Standing,
    pub(crate) fate: Fate,
}

/// The mandate of that id; none where the id is not one, or asks not to be one.
pub(crate) fn find(id: &str) -> Option<Mandate> {
    let name = id.strip_prefix("MD")?;
    if name.is_empty() || name.len() > 100 || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    let asked = NATURES.iter().find(|(asked, ..)| name.starts_with(asked));
    let (standing, fate) = asked.map_or(ACTIVE, |(_, standing, fate)| (*standing, *fate));
    (standing != Standing::Missing).then(|| Mandate { id: id.to_owned(), standing, fate })
}

impl Mandate {
    /// The mandate as the API shows it. Nothing of it is stored, so it is as old as the sandbox's clock says.
    pub(crate) fn show(&self, now_ms: i64) -> Value {
        let mut links = json!({
            "creditor": CREDITOR,
            "customer": self.id.replacen("MD", "CU", 1),
            "customer_bank_account": self.id.replacen("MD", "BA", 1),
        });
        let (status, is_usable) = match self.standing {
            Standing::Usable(status) => (status, true),
            Standing::Inactive(status) => (status, false),
            Standing::Replaced(by) => {
                links["new_mandate"] = json!(by);
                ("cancelled", false)
            }
            Standing::Missing => ("failed", false),
        };
        let next = is_usable.then(|| days::earliest_charge_date(now_ms).to_string());
        json!({
            "id": self.id,
            "created_at": "2026-01-05T09:00:00.000Z",
            "reference": format!("SANDBOX-{}", &self.id[2..self.id.len().min(10)]),
            "status": status,
            "scheme": SCHEME,
            "next_possible_charge_date": next,
            "payments_require_approval": false,
            "metadata": {},
            "links": links,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_after_md_ask_for_something() {
        let fate = |id: &str| find(id).map(|mandate| mandate.fate);
        assert_eq!(fate("MD000ADAEXAMPLE"), Some(Fate::Collected));
        assert_eq!(fate("MDdeclinedADA"), Some(Fate::Unpaid("ARUDD-0")));
        assert_eq!(
            (fate("MDlate1"), fate("MDlatepaid1")),
            (Some(Fate::UnpaidLate), Some(Fate::UnpaidAfterPayout))
        );
        assert_eq!((fate("MDmissing"), fate("MD"), fate("PM123"), fate("MD/../x")), (None, None, None, None));
    }
}
