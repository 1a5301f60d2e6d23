//! What a payout is made of, and how often it was sent.

use contracts::time::from_rfc3339;
use domain::journal::EntryKind;
use serde::Deserialize;

use super::super::effect;
use super::{Payout, signed};
use crate::operator::view::MovementEffect;

/// A line of what a payout is made of.
#[derive(Deserialize)]
pub(super) struct Item {
    #[serde(rename = "type")]
    kind: String,
    /// Pence as a signed decimal with one decimal place, such as `-20.5`.
    amount: String,
}

/// The fees of a payout, which the bank's transfer is rounded by, and each time that it left and came back.
///
/// The other lines are told by the payments and refunds themselves. A payout that its lines do not come to lies in
/// suspense, by so much.
pub(super) fn effects(payout: &Payout, items: &[Item], sent: usize) -> Vec<MovementEffect> {
    let paid = signed(payout.amount).saturating_mul(10);
    let sum = |wanted: fn(&Item) -> bool| -> Option<i64> {
        items.iter().filter(|item| wanted(item)).map(|item| tenths(&item.amount)).sum()
    };
    let (all, others) = (sum(|_| true), sum(|item| !item.kind.ends_with("_fee")));
    let (Some(all), Some(others)) = (all, others) else {
        return vec![effect(EntryKind::Suspense, payout.id.as_str(), signed(payout.amount))];
    };
    // Half a penny is what rounding takes or gives.
    let odd = paid.saturating_sub(all);
    let mut effects = Vec::new();
    if odd.abs() > 5 {
        effects.push(effect(EntryKind::Suspense, payout.id.as_str(), odd / 10));
    }
    let kept = paid.saturating_sub(others) / 10;
    if kept != 0 {
        effects.push(effect(EntryKind::Fee, format!("{}/fees", payout.id), kept));
    }
    let amount = signed(payout.amount);
    let sent = sent.max(1);
    let came_back = if payout.status == "bounced" { sent } else { sent - 1 };
    for time in 1..=sent {
        let name = if time == 1 { payout.id.clone() } else { format!("{}/{time}", payout.id) };
        if time <= came_back {
            effects.push(effect(EntryKind::PayoutFailed, name.as_str(), amount));
        }
        effects.push(effect(EntryKind::Payout, name, -amount));
    }
    effects
}

/// A decimal with at most one decimal place, in tenths.
fn tenths(text: &str) -> Option<i64> {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digit = tenth.parse::<u8>().ok().filter(|_| tenth.len() == 1)?;
    let magnitude = whole.trim_start_matches('-').parse::<i64>().ok()?.checked_mul(10)?;
    let magnitude = magnitude.checked_add(i64::from(digit))?;
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// Milliseconds since the epoch; none of a time that cannot be read, which makes it as old as can be.
pub(super) fn at_ms(created_at: &str) -> u64 {
    from_rfc3339(created_at).map_or(0, domain::time::Timestamp::as_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn payout(amount: u64, status: &str) -> Payout {
        Payout {
            id: "PO1".to_owned(),
            status: status.to_owned(),
            amount,
            currency: "GBP".to_owned(),
            created_at: String::new(),
        }
    }

    fn items(lines: &[(&str, &str)]) -> Vec<Item> {
        let item =
            |(kind, amount): &(&str, &str)| Item { kind: (*kind).to_owned(), amount: (*amount).to_owned() };
        lines.iter().map(item).collect()
    }

    fn told(payout: &Payout, lines: &[(&str, &str)], sent: usize) -> Vec<(String, String, i64)> {
        let effects = effects(payout, &items(lines), sent).into_iter();
        effects.map(|effect| (effect.kind, effect.reference, effect.minor)).collect()
    }

    fn line(kind: &str, reference: &str, minor: i64) -> (String, String, i64) {
        (kind.to_owned(), reference.to_owned(), minor)
    }

    #[test]
    fn fees_are_what_the_transfer_lacks_of_all_else_to_the_rounded_penny() {
        let lines =
            [("payment_paid_out", "2500.0"), ("gocardless_fee", "-54.5"), ("payment_charged_back", "-100.0")];
        let sent = line("payout", "PO1", -2_346);
        assert_eq!(told(&payout(2_346, "paid"), &lines, 1), [line("fee", "PO1/fees", -54), sent]);
    }

    #[test]
    fn a_payout_that_its_lines_do_not_come_to_lies_in_suspense() {
        let lines = [("payment_paid_out", "2500.0")];
        let told = told(&payout(2_400, "pending"), &lines, 0);
        assert!(told.contains(&line("suspense", "PO1", -100)), "{told:?}");
    }

    #[test]
    fn a_payout_comes_back_as_often_as_it_bounced_and_leaves_as_often_as_it_was_sent() {
        let lines = [("payment_paid_out", "700.0")];
        let told = |status, sent| told(&payout(700, status), &lines, sent);
        let (out, back) = (line("payout", "PO1", -700), line("payout_failed", "PO1", 700));
        assert_eq!(told("pending", 0), std::slice::from_ref(&out));
        assert_eq!(told("paid", 1), std::slice::from_ref(&out));
        assert_eq!(told("bounced", 1), [back.clone(), out.clone()]);
        assert_eq!(told("paid", 2), [back, out, line("payout", "PO1/2", -700)]);
    }

    #[test]
    fn amounts_are_read_to_a_tenth_of_a_penny() {
        assert_eq!((tenths("45.0"), tenths("-0.5"), tenths("12")), (Some(450), Some(-5), Some(120)));
        assert_eq!((tenths("1.25"), tenths("x"), tenths("")), (None, None, None));
    }
}
