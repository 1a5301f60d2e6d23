//! Amounts and currencies that Stripe accepts.
//!
//! Currencies, minimums and the eight digits: <https://docs.stripe.com/currencies>.

use crate::stripe::form::Params;
use crate::stripe::refusal::Refusal;

/// Amounts have at most eight digits.
const AMOUNT_MAX: i64 = 99_999_999;

/// The least amount, in minor units, of a currency that has no line of its own below.
const AMOUNT_MIN: i64 = 50;

/// The least amounts that differ from [`AMOUNT_MIN`], in minor units.
const MINIMUMS: [(&str, i64); 14] = [
    ("aed", 200),
    ("bgn", 100),
    ("czk", 1500),
    ("dkk", 250),
    ("gbp", 30),
    ("hkd", 400),
    ("huf", 17_500),
    ("mxn", 1000),
    ("myr", 200),
    ("nok", 300),
    ("pln", 200),
    ("ron", 200),
    ("sek", 300),
    ("thb", 1000),
];

/// Every presentment currency, in alphabetical order.
const CURRENCIES: &str = "\
    aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad \
    cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd \
    hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl \
    mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg \
    qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah \
    ugx usd uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw";

/// Currencies without decimals.
const NO_DECIMALS: [&str; 16] = [
    "bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "ugx", "vnd", "vuv", "xaf", "xof",
    "xpf",
];

/// Currencies of three decimals, of which the last must be zero.
const THREE_DECIMALS: [&str; 5] = ["bhd", "jod", "kwd", "omr", "tnd"];

/// An amount in minor units with its currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) amount: i64,
    pub(crate) currency: String,
}

impl Price {
    /// The price for people, such as `25.00 GBP`.
    pub(crate) fn shown(&self) -> String {
        let currency = self.currency.to_uppercase();
        let decimals = match self.currency.as_str() {
            code if NO_DECIMALS.contains(&code) => return format!("{} {currency}", self.amount),
            code if THREE_DECIMALS.contains(&code) => 3,
            _ => 2,
        };
        let unit = 10_i64.pow(decimals);
        let width = usize::try_from(decimals).expect("two or three");
        format!("{}.{:0width$} {currency}", self.amount / unit, self.amount % unit)
    }
}

/// Reads `amount` and `currency`, both of which must be given.
pub(crate) fn read_price(params: &Params) -> Result<Price, Refusal> {
    let amount = params.integer("amount")?.ok_or_else(|| Refusal::missing("amount"))?;
    let currency = params.text("currency")?.ok_or_else(|| Refusal::missing("currency"))?;
    if currency.len() != 3 || !CURRENCIES.split_whitespace().any(|known| known == currency) {
        let message = "Invalid currency: it must be the lower-case ISO 4217 code of a currency Stripe takes.";
        return Err(Refusal::param("currency", message));
    }
    check_amount(amount, currency)?;
    Ok(Price { amount, currency: currency.to_owned() })
}

fn check_amount(amount: i64, currency: &str) -> Result<(), Refusal> {
    if amount < 1 {
        let message = "Invalid positive integer: amount must be at least 1.";
        return Err(Refusal::coded("amount", "parameter_invalid_integer", message));
    }
    if amount > AMOUNT_MAX {
        let message = format!("Amount must be no more than {AMOUNT_MAX} {currency}, in minor units.");
        return Err(Refusal::coded("amount", "amount_too_large", message));
    }
    let own = MINIMUMS.iter().find(|(code, _)| *code == currency);
    let least = own.map_or(AMOUNT_MIN, |(_, least)| *least);
    if amount < least {
        let message = format!("Amount must be at least {least} {currency}, in minor units.");
        return Err(Refusal::coded("amount", "amount_too_small", message));
    }
    if THREE_DECIMALS.contains(&currency) && amount % 10 != 0 {
        return Err(Refusal::param("amount", format!("Amounts in {currency} must be a multiple of 10.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_shown_with_the_decimals_of_its_currency() {
        let shown = |amount, currency: &str| Price { amount, currency: currency.to_owned() }.shown();
        assert_eq!(shown(2_505, "gbp"), "25.05 GBP");
        assert_eq!(shown(30, "eur"), "0.30 EUR");
        assert_eq!(shown(2_500, "jpy"), "2500 JPY");
        assert_eq!(shown(2_050, "kwd"), "2.050 KWD");
    }
}
