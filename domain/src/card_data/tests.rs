use proptest::prelude::*;
use proptest::sample::select;

use super::*;

/// Numbers that card schemes and providers publish for testing; none is anybody's card.
const NUMBERS: [&str; 12] = [
    "4242424242424242",
    "4000000000000002",
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "30569309025904",
    "3566002020360505",
    "6200000000000005",
    "6759649826438453",
    "4000002500003155000",
];

#[test]
fn every_published_test_number_is_found_however_it_is_grouped() {
    for number in NUMBERS {
        for separator in [
            "", " ", "-", ".", "  ", " - ", "\u{a0}", "\u{2009}", "\u{2011}", "\u{2013}", "\u{200b}", "\n",
            "\t",
        ] {
            let grouped: Vec<_> =
                number.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
            let text = grouped.join(separator);
            assert!(holds_card_number(&text), "{number} by {separator:?}");
            assert!(holds_card_number(&format!("my card is {text}, thank you")), "{number} by {separator:?}");
        }
    }
}

#[test]
fn a_number_among_other_digits_or_in_other_scripts_is_found() {
    for text in [
        "12 4242 4242 4242 4242",
        "4242 4242 4242 4242 12/29 123",
        "call 07700 900123 4242424242424242",
        "４２４２ ４２４２ ４２４２ ４２４２",
        "٤٢٤٢ ٤٢٤٢ ٤٢٤٢ ٤٢٤٢",
        "۴۲۴۲۴۲۴۲۴۲۴۲۴۲۴۲",
    ] {
        assert!(holds_card_number(text), "{text}");
    }
}

#[test]
fn ordinary_digits_are_let_through() {
    for text in [
        "",
        "Ada Example the 2nd",
        "+44 7700 900123",
        "0131 496 0000",
        "07700 900123 / 07700 900456",
        "2026-11-21",
        "21.11.2026",
        "2026-11-21T19:30:00Z",
        "Flat 12, 345 Example Road",
        "SW1A 1AA",
        "Scottish charity SC000000",
        "25.00",
        "1,000,000.00",
        "4242 4242 4242",
        "4222222222223",
        "9876543210987654",
        "0000 0000 0000 0000",
        "8e03978e-40d5-43dd-bc93-6894a57f9324",
    ] {
        assert!(!holds_card_number(text), "{text}");
    }
}

/// A number of this many digits that begins with 2 to 6 and whose last digit makes it pass the Luhn check.
fn numbers() -> impl Strategy<Value = Vec<u8>> {
    (2_u8..=6, prop::collection::vec(0_u8..=9, 11..=17)).prop_map(|(first, middle)| {
        let mut digits = vec![first];
        digits.extend(middle);
        // The check digit by the rule in words: from the right, beside the check digit, every other digit is
        // doubled.
        let doubled = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        let sum: usize = digits
            .iter()
            .rev()
            .enumerate()
            .map(|(place, digit)| {
                let digit = usize::from(*digit);
                if place % 2 == 0 { doubled[digit] } else { digit }
            })
            .sum();
        digits.push(u8::try_from((10 - sum % 10) % 10).unwrap());
        digits
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_luhn_number_is_found_between_any_words(
        digits in numbers(),
        separators in prop::collection::vec(select(&["", "", " ", "-", ".", "\u{2013}", "\u{200b}"][..]), 19),
        before in "[a-zA-Z ,:]{0,20}",
        after in "[a-zA-Z ,:]{0,20}",
    ) {
        let mut text = String::new();
        for (digit, separator) in digits.iter().zip(&separators) {
            text.push(char::from(b'0' + digit));
            text.push_str(separator);
        }
        prop_assert!(holds_card_number(&format!("{before}{text}{after}")), "{text}");
    }

    #[test]
    fn one_wrong_digit_in_a_number_of_the_shortest_kind_lets_it_through(
        digits in numbers().prop_filter("the shortest", |digits| digits.len() == DIGITS_MIN),
        place in 0_usize..DIGITS_MIN,
        change in 1_u8..=9,
    ) {
        let mut digits = digits;
        digits[place] = (digits[place] + change) % 10;
        let text: String = digits.iter().map(ToString::to_string).collect();
        prop_assert!(!holds_card_number(&text), "{text}");
    }

    #[test]
    fn fewer_than_thirteen_digits_in_a_row_are_never_a_number(
        runs in prop::collection::vec("[0-9 .-]{0,12}", 0..6),
    ) {
        prop_assert!(!holds_card_number(&runs.join("/")));
    }
}
