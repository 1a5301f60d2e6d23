//! Each scalar's schema accepts exactly what its parser accepts.

use domain::card_data::holds_card_number;
use domain::currency::Currency;
use domain::donation::Resolution;
use domain::donor::{AddressLine, Country, DonorName, EmailAddress, PostalCode, WordingVersion};
use domain::gift::Channel;
use domain::ids::{
    Appeal, ClaimId, DonationId, EntryId, MailId, Note, NotificationId, Operator, PaymentToken, Provider,
    ProviderKey, ProviderReference, RefundId,
};
use domain::money::{MINOR_UNITS_MAX, Money};
use domain::payment::{DeclineReason, ReviewReason};
use domain::takings::{DisputeStatus, RefundReason};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::files::document;
use crate::schemas::validator;

/// Names of scalars with the parser of each.
type Accepts = fn(&str) -> bool;
const PARSERS: [(&str, Accepts); 18] = [
    ("donation_id", |text| DonationId::parse(text).is_ok()),
    ("entry_id", |text| EntryId::parse(text).is_ok()),
    ("refund_id", |text| RefundId::parse(text).is_ok()),
    ("operator", |text| Operator::parse(text).is_ok()),
    ("note", |text| Note::parse(text).is_ok()),
    ("provider", |text| Provider::parse(text).is_ok()),
    ("notification_id", |text| NotificationId::parse(text).is_ok()),
    ("provider_key", |text| ProviderKey::parse(text).is_ok()),
    ("provider_reference", |text| ProviderReference::parse(text).is_ok()),
    ("payment_token", |text| PaymentToken::parse(text).is_ok()),
    ("claim_id", |text| ClaimId::parse(text).is_ok()),
    ("mail_id", |text| MailId::parse(text).is_ok()),
    ("appeal", |text| Appeal::parse(text).is_ok()),
    ("wording_version", |text| WordingVersion::parse(text).is_ok()),
    ("country", |text| Country::parse(text).is_ok()),
    ("donor_name", |text| DonorName::parse(text).is_ok()),
    ("address_line", |text| AddressLine::parse(text).is_ok()),
    ("postal_code", |text| PostalCode::parse(text).is_ok()),
];

/// Near misses and hits for every grammar at once.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z2-7]{25,27}",
        "[a-z2-7A-Z01_]{26}",
        "je_[0-9a-f]{24}",
        "(je_|JE_|je)[0-9a-g]{23,25}",
        "(rf_|RF_|rf)[0-9a-f]{23,25}",
        "[a-z]{1,18}",
        "[A-Za-z0-9.@+_ -]{62,66}",
        "\\PC{298,302}",
        "[a-z0-9-]{0,34}#[!-~ ]{2,8}",
        "[a-z-]{1,3}#[a-z]{3}#[a-z]{0,3}",
        "[!-~]{0,20}",
        "[!-~]{60,66}",
        "[!-~]{250,258}",
        "[A-Za-z0-9_-]{0,6}",
        "[A-Za-z0-9_-]{250,258}",
        "-?[a-z0-9-]{0,66}-?",
        "[A-Za-z0-9._-]{30,34}",
        "[A-Za-z]{1,3}",
        "[ \u{a0}\u{2003}\u{3000}]{0,3}[a-z]{0,18}[ \u{a0}\u{202f}]{0,2}",
        "[a-z \u{0}-\u{1f}\u{7f}-\u{9f}\u{2028}-\u{202e}\u{2066}-\u{2069}\u{feff}\u{fdd0}\u{ffff}]{1,6}",
        "\\PC{0,20}",
        "\\PC{98,102}",
    ]
}

fn is_named<const N: usize>(schema: &str, names: [&str; N]) {
    let described = &document("scalars.schema.json")["$defs"][schema]["enum"];
    let described: Vec<_> = described.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(described, names, "{schema}");
}

#[test]
fn every_text_is_accepted_by_schema_and_parser_alike() {
    let schemas = PARSERS.map(|(name, _)| validator(&format!("scalars.schema.json#/$defs/{name}")));
    let mut seen = [[false; 2]; PARSERS.len()];
    let config = ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let seen_cell = std::cell::RefCell::new(&mut seen);
    runner
        .run(&texts(), |text| {
            for (row, (name, accepts)) in PARSERS.iter().enumerate() {
                let is_free_text = matches!(*name, "donor_name" | "address_line" | "postal_code");
                // A card number is refused by the parser alone: no pattern can do the Luhn check. So are the
                // non-characters beyond the basic plane.
                let is_beyond_schema = |character: char| u32::from(character) & 0xfffe == 0xfffe;
                if is_free_text && (holds_card_number(&text) || text.chars().any(is_beyond_schema)) {
                    continue;
                }
                let (schema, parser) = (schemas[row].is_valid(&json!(text)), accepts(&text));
                prop_assert_eq!(schema, parser, "{}: {:?} (schema left, parser right)", name, text);
                seen_cell.borrow_mut()[row][usize::from(parser)] = true;
            }
            Ok(())
        })
        .unwrap();
    for (row, (name, _)) in PARSERS.iter().enumerate() {
        assert_eq!(seen[row], [true, true], "{name}: not both accepted and refused texts were tried");
    }
}

#[test]
fn an_e_mail_address_is_accepted_by_schema_and_parser_alike() {
    let schema = validator("scalars.schema.json#/$defs/email");
    let addresses = prop_oneof![
        "[ \u{a0}\u{2003}\u{3000}]{0,2}[a-z.+]{0,5}@[a-z.-]{0,8}[ \u{202f}]{0,2}",
        "[a-z]{62,66}@example\\.org",
        "[a-zA-Z0-9!#$%&'*+/=?^_`{|}~.\"(),:;<>@\\[\\] -]{1,6}@example\\.org",
        "ada@[a-z0-9.-]{1,12}",
        "ada@[a-z]{61,65}\\.org",
        "ada@([a-z]{60}\\.){3,4}[a-z]{2,12}",
        "ada@example\\.org[\r\n,;<> \t]{0,2}(Bcc: bob@example\\.org)?",
    ];
    let config = ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() };
    proptest::test_runner::TestRunner::new(config)
        .run(&addresses, |text| {
            let parser = EmailAddress::parse(&text).is_ok();
            prop_assert_eq!(schema.is_valid(&json!(text)), parser, "{:?} (schema left, parser right)", text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn an_amount_is_accepted_by_schema_and_parser_alike() {
    let schema = validator("http/openapi.yaml#/components/schemas/DonationRequest/properties/amount");
    let amounts =
        prop_oneof!["[0-9.+e, -]{0,6}", "[0-9]{1,4}\\.[0-9]{0,3}", "0{1,3}\\.?0{0,25}", "1\\.0{20,24}"];
    let config = ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() };
    // Four decimals, so that precision, which depends on the currency, does not come into it.
    let currency = Currency::from_code("CLF").unwrap();
    proptest::test_runner::TestRunner::new(config)
        .run(&amounts, |text| {
            use domain::money::MoneyError::TooPrecise;
            let parsed = Money::parse(&text, currency);
            prop_assume!(!matches!(parsed, Err(TooPrecise { .. })));
            prop_assert_eq!(schema.is_valid(&json!(text)), parsed.is_ok(), "{:?} {:?}", text, parsed);
            Ok(())
        })
        .unwrap();
}

#[test]
fn minor_units_have_the_same_bounds() {
    let schema = validator("scalars.schema.json#/$defs/minor_units");
    for (minor, accepted) in [(0, false), (1, true), (MINOR_UNITS_MAX, true), (MINOR_UNITS_MAX + 1, false)] {
        assert_eq!(Money::from_minor(minor, Currency::GBP).is_ok(), accepted, "{minor}");
        assert_eq!(schema.is_valid(&json!(minor)), accepted, "{minor}");
    }
    assert!(!schema.is_valid(&json!(-1)) && !schema.is_valid(&json!(1.5)) && !schema.is_valid(&Value::Null));
}

#[test]
fn every_list_of_names_is_the_same_list() {
    is_named("channel", Channel::ALL.map(Channel::name));
    is_named("decline_reason", DeclineReason::ALL.map(DeclineReason::name));
    is_named("review_reason", ReviewReason::ALL.map(ReviewReason::name));
    is_named("resolution", Resolution::ALL.map(Resolution::name));
    is_named("refund_reason", RefundReason::ALL.map(RefundReason::name));
    is_named("refund_state", ["requested", "pending", "succeeded", "failed"]);
    is_named("dispute_status", DisputeStatus::ALL.map(DisputeStatus::name));
    let currencies: Vec<_> = Currency::all().map(|currency| currency.code().to_owned()).collect();
    assert_eq!(document("scalars.schema.json")["$defs"]["currency"]["enum"], json!(currencies));
}
