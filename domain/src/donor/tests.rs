use super::*;

#[test]
fn nothing_of_a_donor_can_be_printed_by_accident() {
    let donor = Donor {
        name: DonorName::parse("Ada Example").unwrap(),
        email: EmailAddress::parse("ada@example.org").unwrap(),
        address: Some(PostalAddress {
            line_1: AddressLine::parse("1 Test Street").unwrap(),
            line_2: None,
            town: Some(AddressLine::parse("Testville").unwrap()),
            postal_code: PostalCode::parse("ZZ1 1ZZ").unwrap(),
            country: Country::parse("GB").unwrap(),
        }),
    };
    let shown = format!("{donor:?} {donor:#?}");
    for secret in ["Ada", "Example", "ada@", "Test", "ZZ1", "GB"] {
        assert!(!shown.contains(secret), "{secret} shows in {shown}");
    }
}

#[test]
fn a_card_number_is_called_one_before_any_other_rule_is_applied() {
    let number = "4242 4242 4242 4242";
    let over_long = format!("{number} {}", "x".repeat(300));
    for text in [number, over_long.as_str(), "4242-4242-4242-4242\u{7}"] {
        assert_eq!(DonorName::parse(text).unwrap_err(), TextRefusal::CardNumber, "{text:?}");
        assert_eq!(PostalCode::parse(text).unwrap_err(), TextRefusal::CardNumber, "{text:?}");
        assert_eq!(EmailAddress::parse(text).unwrap_err(), TextRefusal::CardNumber, "{text:?}");
    }
    assert_eq!(EmailAddress::parse("4242424242424242@example.org").unwrap_err(), TextRefusal::CardNumber);
}

#[test]
fn names_of_all_scripts_are_taken_and_nothing_that_could_break_a_mail_is() {
    for name in
        ["Ada Example", "O'Neill-Example", "山田 例子", "Նունե", "Zoë", "X", "Mx. 2nd Example", "نور مثال"]
    {
        assert_eq!(DonorName::parse(&format!(" {name}\u{a0}")).unwrap().as_str(), name);
    }
    for text in [
        "Ada\r\nBcc: all@example.org",
        "Ada\u{2028}",
        "\u{202e}adA",
        "Ada\u{0}",
        "Ada\u{ffff}",
        "\u{feff}Ada",
    ] {
        assert_eq!(DonorName::parse(text).unwrap_err(), TextRefusal::ControlCharacter, "{text:?}");
    }
    assert_eq!(DonorName::parse(" \u{3000} ").unwrap_err(), TextRefusal::Empty);
    assert!(DonorName::parse(&"é".repeat(100)).is_ok());
    assert_eq!(DonorName::parse(&"é".repeat(101)).unwrap_err(), TextRefusal::TooLong { max: 100 });
}
