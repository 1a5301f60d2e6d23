use super::*;

#[test]
fn every_reason_for_a_no_or_a_review_is_read_back_from_its_name() {
    for reason in DeclineReason::ALL {
        assert_eq!(DeclineReason::parse(reason.name()), Some(reason));
    }
    for reason in ReviewReason::ALL {
        assert_eq!(ReviewReason::parse(reason.name()), Some(reason));
    }
    assert_eq!((DeclineReason::parse("Refused"), ReviewReason::parse("")), (None, None));
}

#[test]
fn the_four_answers_about_the_money_are_spelt_apart() {
    let answers = [MoneyTaken::No, MoneyTaken::NotKnownYet, MoneyTaken::Yes, MoneyTaken::Returned];
    assert_eq!(answers.map(MoneyTaken::name), ["no", "not_known_yet", "yes", "returned"]);
}
