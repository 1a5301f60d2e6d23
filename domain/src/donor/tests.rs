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

#[test]
fn an_e_mail_address_is_one_mailbox_of_the_usual_form() {
    let long = |local: usize, label: usize| format!("{}@{}.org", "a".repeat(local), "b".repeat(label));
    for text in
        ["ada@example.org", "a@b.c", "ada+tag!#$%&'*/=?^_`{|}~-@sub-2.example.org", "a.d.a@xn--bcher-kva.org"]
    {
        assert_eq!(EmailAddress::parse(&format!(" {text} ")).unwrap().as_str(), text);
    }
    assert!(EmailAddress::parse(&long(64, 63)).is_ok());
    for text in [
        "ada",
        "@example.org",
        "ada@",
        "ada@example",
        "ada@example..org",
        "ada@.org",
        "ada@example.org.",
        "ada@-example.org",
        "ada@example-.org",
        "ada@exa_mple.org",
        "ada@exämple.org",
        "ädä@example.org",
        "ada example@example.org",
        "ada..example@example.org",
        ".ada@example.org",
        "ada.@example.org",
        "ada@ada@example.org",
        "\"ada\"@example.org",
        "ada@example.org, bea@example.org",
        "ada@[192.0.2.1]",
        &long(65, 63),
        &long(64, 64),
    ] {
        assert_eq!(EmailAddress::parse(text).unwrap_err(), TextRefusal::NotAnAddress, "{text}");
    }
    let labels = format!("a@{}org", "b.".repeat(126));
    assert_eq!(EmailAddress::parse(&labels).unwrap_err(), TextRefusal::TooLong { max: 254 });
}

#[test]
fn a_country_is_two_capitals_and_a_wording_a_short_version() {
    assert_eq!(Country::parse("GB").unwrap().as_str(), "GB");
    for text in ["", "G", "GBR", "gb", "G1", "é"] {
        assert_eq!(Country::parse(text).unwrap_err(), TextRefusal::NotACountry, "{text}");
    }
    for text in ["1", "v2.1_draft-3", &"a".repeat(32)] {
        assert_eq!(WordingVersion::parse(text).unwrap().as_str(), text);
    }
    for text in ["", "v 2", "v2\n", "é", &"a".repeat(33)] {
        assert_eq!(WordingVersion::parse(text).unwrap_err(), TextRefusal::NotAVersion, "{text}");
    }
}
