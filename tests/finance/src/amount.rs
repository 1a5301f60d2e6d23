//! Amounts as the exports write them.

use domain::currency::Currency;
use rust_decimal::Decimal;

/// Reads an amount of a currency in its one spelling: all the decimals of the currency, no sign but `-`, no
/// zero in front and none below zero.
pub(crate) fn read(text: &str, currency: &str) -> Result<Decimal, String> {
    let known = Currency::from_code(currency).map_err(|error| format!("{currency:?} {error}"))?;
    let amount = Decimal::from_str_exact(text).map_err(|_| format!("{text:?} is not an exact number"))?;
    if amount.scale() != u32::from(known.exponent()) {
        return Err(format!("{text:?} does not have the {} decimals of {currency}", known.exponent()));
    }
    if amount.to_string() != text || amount.is_zero() && amount.is_sign_negative() {
        return Err(format!("{text:?} is not written as {amount}"));
    }
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_has_one_spelling() {
        for (text, currency) in
            [("25.00", "GBP"), ("-0.01", "GBP"), ("500", "JPY"), ("1.250", "KWD"), ("0", "JPY")]
        {
            assert_eq!(read(text, currency).unwrap().to_string(), text);
        }
        for (text, currency) in [
            ("25.0", "GBP"),
            ("25.000", "GBP"),
            ("025.00", "GBP"),
            ("+25.00", "GBP"),
            ("-0.00", "GBP"),
            ("1_000.00", "GBP"),
            ("1,000.00", "GBP"),
            (".50", "GBP"),
            ("1e2", "JPY"),
            ("500.00", "JPY"),
            ("1.25", "BHD"),
            ("", "GBP"),
            ("1.00", "GBX"),
        ] {
            assert!(read(text, currency).is_err(), "{text} {currency}");
        }
    }
}
