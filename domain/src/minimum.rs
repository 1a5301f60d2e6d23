//! The least that may be given, by currency: what the charity asks for, and what the provider collects at all.
//!
//! Tiny gifts cost more than they bring, and card testers like them; a minimum is the cheapest of the defences.

use crate::currency::Currency;
use crate::money::Money;

/// The charity's own minimums. A currency that is not named has none but the provider's.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Minimums(Vec<Money>);

/// Why a text does not name minimums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be amounts by currency, each currency once, such as GBP=1.00,EUR=1.00")]
pub struct MalformedMinimums;

impl Minimums {
    /// Reads amounts in major units by currency: `GBP=1.00,JPY=100`.
    ///
    /// # Errors
    /// [`MalformedMinimums`] when a part is not of this form, or a currency is named twice.
    pub fn parse(text: &str) -> Result<Self, MalformedMinimums> {
        let mut minimums: Vec<Money> = Vec::new();
        for part in text.split(',') {
            let (code, amount) = part.split_once('=').ok_or(MalformedMinimums)?;
            let currency = Currency::from_code(code.trim()).map_err(|_| MalformedMinimums)?;
            let amount = Money::parse(amount.trim(), currency).map_err(|_| MalformedMinimums)?;
            if minimums.iter().any(|known| known.currency() == currency) {
                return Err(MalformedMinimums);
            }
            minimums.push(amount);
        }
        Ok(Self(minimums))
    }

    /// The least amount in this currency that the charity takes through this provider; `None` where there is none.
    pub fn least(&self, provider: &str, currency: Currency) -> Option<Money> {
        let ours = self.0.iter().find(|amount| amount.currency() == currency).copied();
        let theirs = provider_minimum(provider, currency);
        [ours, theirs].into_iter().flatten().max_by_key(|amount| amount.minor())
    }
}

/// The least minor units that Stripe collects in a currency (docs.stripe.com/currencies, "Minimum and maximum charge
/// amounts"). In other currencies its minimum follows the exchange rate, and is not known here.
const STRIPE: [(&str, u64); 23] = [
    ("AED", 200),
    ("AUD", 50),
    ("BRL", 50),
    ("CAD", 50),
    ("CHF", 50),
    ("CZK", 1_500),
    ("DKK", 250),
    ("EUR", 50),
    ("GBP", 30),
    ("HKD", 400),
    ("HUF", 17_500),
    ("INR", 50),
    ("JPY", 50),
    ("MXN", 1_000),
    ("MYR", 200),
    ("NOK", 300),
    ("NZD", 50),
    ("PLN", 200),
    ("RON", 200),
    ("SEK", 300),
    ("SGD", 50),
    ("THB", 1_000),
    ("USD", 50),
];

fn provider_minimum(provider: &str, currency: Currency) -> Option<Money> {
    let table = if provider == "stripe" { &STRIPE[..] } else { &[] };
    let (_, minor) = table.iter().find(|(code, _)| *code == currency.code())?;
    Money::from_minor(*minor, currency).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn least(minimums: &str, provider: &str, code: &str) -> Option<u64> {
        let currency = Currency::from_code(code).unwrap();
        Minimums::parse(minimums).unwrap().least(provider, currency).map(Money::minor)
    }

    #[test]
    fn the_charitys_minimum_counts_unless_the_providers_is_higher() {
        assert_eq!(least("GBP=1.00,EUR=0.10", "stripe", "GBP"), Some(100));
        assert_eq!(least("GBP=1.00,EUR=0.10", "stripe", "EUR"), Some(50));
        assert_eq!(least("GBP=1.00,EUR=0.10", "elsewhere", "EUR"), Some(10));
        assert_eq!(least("JPY=500", "stripe", "JPY"), Some(500));
        assert_eq!(least("JPY=500", "stripe", "HUF"), Some(17_500));
        assert_eq!(least("JPY=500", "elsewhere", "HUF"), None);
    }

    #[test]
    fn every_minimum_of_the_provider_is_an_amount_of_a_known_currency() {
        for (code, minor) in STRIPE {
            assert_eq!(least("KWD=1.000", "stripe", code), Some(minor), "{code}");
        }
    }

    #[test]
    fn a_text_that_is_not_a_list_of_amounts_is_refused() {
        for text in
            ["", "GBP", "GBP=", "GBP=0", "gbp=1", "GBP=1,", "GBP=1,GBP=2", "GBP=1.001", "GBP=-1", "1=GBP"]
        {
            assert_eq!(Minimums::parse(text), Err(MalformedMinimums), "{text}");
        }
        assert!(Minimums::parse("GBP=1.00, EUR=1").is_ok());
    }
}
