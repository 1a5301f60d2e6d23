use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn charity(text: &str) -> CharityId {
    CharityId::parse(text).unwrap()
}

fn key(text: &str) -> IdempotencyKey {
    IdempotencyKey::parse(text).unwrap()
}

#[test]
fn an_id_is_the_same_on_every_machine_and_for_ever() {
    // Computed apart from this code: SHA-256 over each part after its length in eight bytes, base32, 26
    // characters.
    let id = DonationId::derive(&charity("outpour-demo"), &key("8e03978e-40d5-43dd-bc93-6894a57f9324"));
    assert_eq!(id.as_str(), "sikya4is3gfddlu74cw4zhp5li");
    let donation = DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap();
    let reference = ProviderReference::parse("pi_1Example").unwrap();
    assert_eq!(
        EntryId::derive("capture", Some(&donation), &reference).as_str(),
        "je_535d14a7c0c829bc70c4d423"
    );
    assert_eq!(ProviderKey::of_attempt(&donation, 1).as_str(), "mzxw6ytboi4dkmrtgq2tmnzyhe-1");
}

#[test]
fn letters_that_move_from_the_charity_to_the_key_make_another_id() {
    let one = DonationId::derive(&charity("ab"), &key("cdefghijklmnopqr"));
    let other = DonationId::derive(&charity("abc"), &key("defghijklmnopqrs"));
    let moved = DonationId::derive(&charity("abc"), &key("defghijklmnopqr-"));
    assert_eq!(BTreeSet::from([one, other, moved]).len(), 3);
    assert_ne!(digest_of(&["ab", "c"]), digest_of(&["a", "bc"]));
    assert_ne!(digest_of(&["ab"]), digest_of(&["ab", ""]));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn two_donations_have_one_id_exactly_when_charity_and_key_are_the_same(
        names in prop::collection::vec("[a-c]{1,3}", 2),
        keys in prop::collection::vec("[a-c]{16,18}", 2),
    ) {
        let id = |which: usize, key_of: usize| DonationId::derive(&charity(&names[which]), &key(&keys[key_of]));
        for (which, key_of) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let same = names[0] == names[which] && keys[0] == keys[key_of];
            prop_assert_eq!(id(0, 0) == id(which, key_of), same);
            prop_assert_eq!(DonationId::parse(id(which, key_of).as_str()), Ok(id(which, key_of)));
        }
    }

    #[test]
    fn the_keys_of_two_attempts_are_never_the_same(
        ids in prop::collection::vec("[a-z2-7]{26}", 2), first in 1_u32..99, second in 1_u32..99,
    ) {
        let ids: Vec<_> = ids.iter().map(|id| DonationId::parse(id).unwrap()).collect();
        let same = ids[0] == ids[1] && first == second;
        let keys = [ProviderKey::of_attempt(&ids[0], first), ProviderKey::of_attempt(&ids[1], second)];
        prop_assert_eq!(keys[0] == keys[1], same);
        prop_assert_eq!(ProviderKey::parse(keys[0].as_str()), Ok(keys[0].clone()));
    }

    #[test]
    fn a_shard_is_one_of_those_there_are(id in "[a-z2-7]{26}", shards in 1_u8..=64) {
        prop_assert!(DonationId::parse(&id).unwrap().shard(shards) < shards);
    }
}

#[test]
fn shards_are_filled_evenly() {
    let mut counts = [0_u32; 16];
    for number in 0..16_000_u32 {
        let id = DonationId::derive(&charity("outpour-demo"), &key(&format!("even-shards-{number:08}")));
        counts[usize::from(id.shard(16))] += 1;
    }
    assert!(counts.iter().all(|count| (800..=1_200).contains(count)), "{counts:?}");
}

#[test]
fn keys_of_attempts_of_their_cancellation_and_of_refunds_are_never_the_same() {
    let donation = DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap();
    let refund = RefundId::derive(&donation, &key("8e03978e-40d5-43dd-bc93-6894a57f9324"));
    let keys = (1..4).flat_map(|number| {
        [
            ProviderKey::of_attempt(&donation, number),
            ProviderKey::of_cancel(&donation, number),
            ProviderKey::of_refund(&refund, number),
        ]
    });
    let keys: BTreeSet<_> =
        keys.inspect(|key| assert_eq!(ProviderKey::parse(key.as_str()).as_ref(), Ok(key))).collect();
    assert_eq!(keys.len(), 9);
}

#[test]
fn refunds_that_were_asked_for_given_back_and_made_at_the_provider_have_ids_of_their_own() {
    let donation = DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap();
    let text = "same-text-for-all-three";
    let reference = ProviderReference::parse(text).unwrap();
    let ids = BTreeSet::from([
        RefundId::derive(&donation, &key(text)),
        RefundId::of_duplicate(&donation, &reference),
        RefundId::of_provider(&reference),
    ]);
    assert_eq!(ids.len(), 3);
    for id in ids {
        assert_eq!(RefundId::parse(id.as_str()), Ok(id.clone()));
    }
}

#[test]
fn an_entry_without_a_donation_is_another_than_one_with() {
    let donation = DonationId::parse("mzxw6ytboi4dkmrtgq2tmnzyhe").unwrap();
    let reference = ProviderReference::parse("txn_1").unwrap();
    assert_ne!(EntryId::derive("fee", None, &reference), EntryId::derive("fee", Some(&donation), &reference));
}

#[test]
fn a_provider_is_a_short_name_in_small_letters() {
    for name in ["stripe", "gocardless", "ab", "abcdefghijklmnop"] {
        let provider = Provider::parse(name).unwrap();
        assert_eq!((provider.name(), provider.to_string().as_str()), (name, name));
        assert_eq!(Provider::of(name), provider);
    }
    for name in ["", "a", "abcdefghijklmnopq", "Stripe", "go cardless", "go-cardless", "stripe2", "çé"] {
        assert!(Provider::parse(name).is_err(), "{name}");
    }
    assert!(Provider::parse("ab").unwrap() != Provider::parse("abc").unwrap());
}

#[test]
fn a_note_and_an_operator_are_bounded_and_hold_nothing_that_could_break_a_line() {
    let fits = |text: &str| Note::parse(text).is_ok();
    assert!(fits("ok!") && fits(&"é".repeat(300)));
    assert!(!fits("no") && !fits(&"x".repeat(301)) && !fits("two\nlines") && !fits("a\u{7f}bc"));
    let names = |text: &str| Operator::parse(text).is_ok();
    assert!(names("ada") && names("ada.example+ops@example.org"));
    assert!(!names("a") && !names("ada example") && !names(&"a".repeat(65)) && !names("ada\n"));
    assert!(names(Operator::pipeline().as_str()) && names(Operator::provider().as_str()));
}

#[test]
fn a_notifications_id_names_its_provider() {
    let fits = |text: &str| NotificationId::parse(text).is_ok();
    assert!(fits("stripe#evt_1") && fits("gocardless#EV123#x"));
    assert_eq!(NotificationId::parse("gocardless#EV123#x").unwrap().provider(), "gocardless");
    assert!(
        !fits("stripe")
            && !fits("#evt_1")
            && !fits("Stripe#evt_1")
            && !fits("stripe#ev")
            && !fits("stripe#e v t")
    );
}

#[test]
fn a_charity_and_an_appeal_are_short_words_with_hyphens_inside() {
    for text in ["a", "7", "winter-2026", "a--b", &"a".repeat(64)] {
        assert_eq!(Appeal::parse(text).map(|appeal| appeal.to_string()), Ok(text.to_owned()));
        assert!(CharityId::parse(text).is_ok(), "{text}");
    }
    for text in ["", "-", "-a", "a-", "Winter", "win ter", "a_b", "é", &"a".repeat(65)] {
        assert!(Appeal::parse(text).is_err() && CharityId::parse(text).is_err(), "{text}");
    }
}

#[test]
fn keys_and_references_are_visible_ascii_within_their_lengths() {
    let fits = |text: &str| IdempotencyKey::parse(text).is_ok();
    assert!(fits(&"~".repeat(16)) && fits(&"!".repeat(255)));
    assert!(!fits(&"k".repeat(15)) && !fits(&"k".repeat(256)));
    assert!(
        !fits("sixteen chars or more") && !fits("sixteen-chars-\n-more") && !fits("sixteen-chars-é-more")
    );
}

#[test]
fn what_stands_for_a_taking_back_names_its_payment_and_the_time_it_was() {
    let reference = |text: &str| ProviderReference::parse(text).unwrap();
    let longest = "p".repeat(ProviderReference::TAKEN_BACK_PAYMENT_MAX);
    for payment in [reference("PM000123"), reference(&longest)] {
        let back = ProviderReference::of_taken_back(&payment, 2);
        assert_eq!(back.taken_back(), Some((payment, 2)));
    }
    let too_long = reference(&format!("{longest}p"));
    let back = ProviderReference::of_taken_back(&too_long, 1);
    assert!(back.as_str().len() < 50, "a digest of it stands there: {back}");
    assert_ne!(back, ProviderReference::of_taken_back(&reference(&format!("{longest}q")), 1));
    assert_eq!(reference("PM000123").taken_back(), None);
    assert_eq!(reference("PM000123/taken-back/soon").taken_back(), None);
}

#[test]
fn a_provider_shows_its_name_and_nothing_more() {
    assert_eq!(format!("{:?}", Provider::STRIPE), "Provider(stripe)");
}
