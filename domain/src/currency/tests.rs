use std::collections::BTreeMap;

use super::*;

/// Every text of three capital letters.
fn codes() -> impl Iterator<Item = String> {
    let letters = || 'A'..='Z';
    letters()
        .flat_map(move |a| letters().flat_map(move |b| letters().map(move |c| [a, b, c].iter().collect())))
}

#[test]
fn every_currency_has_the_exponent_that_an_independent_list_gives_it() {
    // The other list calls VES superseded by VED. List one of ISO 4217 has both: VED is the accounting unit
    // beside it.
    let known = BTreeMap::from([("VES", (Some(2), None))]);
    let mut differences = BTreeMap::new();
    for code in codes() {
        let ours = Currency::from_code(&code).ok().map(Currency::exponent);
        let theirs = iso_currency::Currency::from_code(&code)
            .filter(|currency| currency.is_superseded().is_none())
            .and_then(iso_currency::Currency::exponent)
            .map(|exponent| u8::try_from(exponent).unwrap());
        if ours != theirs {
            differences.insert(code, (ours, theirs));
        }
    }
    let differences: BTreeMap<_, _> = differences.iter().map(|(code, pair)| (code.as_str(), *pair)).collect();
    assert_eq!(differences, known);
}

#[test]
fn the_table_is_sorted_so_that_every_code_is_found() {
    assert!(TABLE.is_sorted_by(|one, next| one.0 < next.0));
    assert_eq!(Currency::all().count(), TABLE.len());
    for currency in Currency::all() {
        assert_eq!(Currency::from_code(currency.code()), Ok(currency));
    }
    assert_eq!(Currency::from_code("GBP"), Ok(Currency::GBP));
}

#[test]
fn what_is_not_a_code_in_capitals_is_refused() {
    for text in ["", "GB", "gbp", "Gbp", "GBPX", "£", "£a", "XXX", "XTS", "XAU", "BGN", "HRK"] {
        assert_eq!(Currency::from_code(text), Err(UnknownCurrency), "{text}");
    }
}

#[test]
fn a_currency_is_shown_by_its_code() {
    assert_eq!(format!("{0} {0:?}", Currency::GBP), "GBP GBP");
}
