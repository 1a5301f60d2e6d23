//! Numbers of filter policies, kept exact: SNS compares them with five digits after the decimal point.

/// A decimal number in units of 0.00001.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Number(i128);

const FRACTION_DIGITS: i32 = 5;

impl Number {
    /// Largest magnitude that a filter policy may name: one billion.
    pub(crate) const POLICY_MAX: Number = Number(1_000_000_000 * 100_000);

    /// Reads decimal text with an optional sign, fraction and exponent. Digits past the fifth after the point
    /// are dropped. None where the text is no such number, or has a magnitude that no comparison needs (over
    /// 1e33).
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, unsigned) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i16>().ok()?),
            None => (unsigned, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || digits.len() > 64 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let shift = i32::from(exponent) - i32::try_from(fraction.len()).ok()? + FRACTION_DIGITS;
        let magnitude = scaled(&digits, shift)?;
        Some(Self(if negative { -magnitude } else { magnitude }))
    }

    /// Whether a filter policy may name the number.
    pub(crate) fn fits_policy(self) -> bool {
        (-Self::POLICY_MAX.0..=Self::POLICY_MAX.0).contains(&self.0)
    }
}

/// The digits moved by `shift` places to the left, or cut at the right where it is negative.
fn scaled(digits: &str, shift: i32) -> Option<i128> {
    let trimmed = digits.trim_start_matches('0');
    let kept = i32::try_from(trimmed.len()).ok()? + shift;
    if trimmed.is_empty() || kept <= 0 {
        return Some(0);
    }
    let kept = usize::try_from(kept).ok()?;
    if kept > 38 {
        return None;
    }
    let text: String = trimmed.chars().chain(std::iter::repeat('0')).take(kept).collect();
    text.parse().ok()
}
