use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const GBP: Currency = Currency::GBP;

fn currencies() -> impl Strategy<Value = Currency> {
    select(Currency::all().collect::<Vec<_>>())
}

fn minors() -> impl Strategy<Value = u64> {
    prop_oneof![1..=MINOR_UNITS_MAX, 1..=100_000_u64, Just(MINOR_UNITS_MAX), Just(1)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_amount_written_and_read_is_the_same_amount(currency in currencies(), minor in minors()) {
        let money = Money::from_minor(minor, currency).unwrap();
        let text = money.to_string();
        prop_assert_eq!(Money::parse(&text, currency), Ok(money));
        let decimals = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(decimals, usize::from(currency.exponent()), "{}", text);
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        prop_assert_eq!(digits.parse::<u64>().unwrap(), minor, "the digits are the minor units");
    }

    #[test]
    fn one_decimal_more_than_the_currency_has_is_refused_unless_it_is_a_zero(
        currency in currencies(), whole in 0_u32..10_000, last in 1_u8..=9,
    ) {
        let zeros = "0".repeat(usize::from(currency.exponent()));
        let parse = |digit: u8| Money::parse(&format!("{whole}.{zeros}{digit}"), currency);
        prop_assert_eq!(parse(last), Err(MoneyError::TooPrecise { currency }));
        let whole_alone = Money::parse(&whole.to_string(), currency);
        prop_assert_eq!(parse(0), whole_alone);
    }

    #[test]
    fn sums_and_differences_are_exact_or_an_error(left in minors(), right in minors()) {
        let (a, b) = (Money::from_minor(left, GBP).unwrap(), Money::from_minor(right, GBP).unwrap());
        let exact = u128::from(left) + u128::from(right);
        match a.checked_add(b) {
            Ok(sum) => prop_assert_eq!(u128::from(sum.minor()), exact),
            Err(refusal) => prop_assert!(refusal == MoneyError::TooLarge && exact > u128::from(MINOR_UNITS_MAX)),
        }
        match a.checked_sub(b) {
            Ok(left_over) => prop_assert_eq!(left_over.checked_add(b), Ok(a)),
            Err(MoneyError::Zero) => prop_assert_eq!(left, right),
            Err(refusal) => prop_assert!(refusal == MoneyError::Negative && left < right),
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic_and_what_it_reads_has_one_value(text in "[0-9.]{0,30}|\\PC{0,12}") {
        if let Ok(money) = Money::parse(&text, GBP) {
            prop_assert_eq!(Money::parse(&money.to_string(), GBP), Ok(money));
        }
    }
}

#[test]
fn only_plain_digits_with_one_point_are_an_amount() {
    for text in ["25", "25.0", "25.00", "0025.00", "0.01", "92233720368547758.07"] {
        assert!(Money::parse(text, GBP).is_ok(), "{text}");
    }
    for text in [
        "",
        ".",
        "25.",
        ".5",
        "-5",
        "+5",
        "1e3",
        "1,000",
        "1 000",
        " 5",
        "5 ",
        "0x10",
        "٥",
        "５",
        "1_000",
        "1.2.3",
        "NaN",
        "inf",
        "£5",
        "00000000000000000000025.00",
    ] {
        assert_eq!(Money::parse(text, GBP), Err(MoneyError::NotADecimal), "{text}");
    }
    assert_eq!(Money::parse("0.00", GBP), Err(MoneyError::Zero));
    for text in ["92233720368547758.08", "999999999999999999999999", "184467440737095516.16"] {
        assert_eq!(Money::parse(text, GBP), Err(MoneyError::TooLarge), "{text}");
    }
}

#[test]
fn an_overflow_and_a_mixture_of_currencies_are_errors() {
    let most = Money::from_minor(MINOR_UNITS_MAX, GBP).unwrap();
    let penny = Money::from_minor(1, GBP).unwrap();
    let yen = Money::from_minor(1, Currency::from_code("JPY").unwrap()).unwrap();
    assert_eq!(most.checked_add(penny), Err(MoneyError::TooLarge));
    assert_eq!(most.checked_add(most), Err(MoneyError::TooLarge));
    assert_eq!(penny.checked_sub(most), Err(MoneyError::Negative));
    assert_eq!(penny.checked_sub(penny), Err(MoneyError::Zero));
    assert!(matches!(penny.checked_add(yen), Err(MoneyError::MixedCurrencies { .. })));
    assert!(matches!(yen.checked_sub(penny), Err(MoneyError::MixedCurrencies { .. })));
    for minor in [MINOR_UNITS_MAX + 1, u64::MAX] {
        assert_eq!(Money::from_minor(minor, GBP), Err(MoneyError::TooLarge));
    }
    assert_eq!(Money::from_minor(0, GBP), Err(MoneyError::Zero));
}

#[test]
fn an_amount_is_shown_with_all_its_decimals_and_for_developers_with_its_currency() {
    let money = Money::from_minor(2_500, GBP).unwrap();
    assert_eq!(format!("{money} {money:?}"), "25.00 25.00 GBP");
}
