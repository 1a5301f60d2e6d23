//! Donations of every state, for proptest.

pub(crate) mod takings;

use domain::donation::{Check, Donation, Fingerprint};
use domain::donor::{
    AddressLine, Country, Donor, DonorName, EmailAddress, GiftAidDeclaration, PostalAddress, PostalCode,
    WordingVersion,
};
use domain::gift::{Channel, Gift, Instrument, ReturnAddress};
use domain::ids::{Appeal, ClaimId, DonationId, EntryId, MailId, PaymentToken};
use domain::money::Money;
use domain::payment::{DeclineReason, NextAction, Payment, ReviewReason};
use domain::receipt::Receipt;
use domain::screening::{MARK_BYTES, Source};
use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::sample::select;

/// A donation in any state, its parts chosen freely.
pub(crate) fn donations() -> impl Strategy<Value = Donation> {
    (gifts(), donors(), moments(), states()).prop_flat_map(|(gift, donor, accepted_at, state)| {
        let amount = gift.amount;
        let declarations = proptest::option::of("[A-Za-z0-9._-]{1,32}");
        let entries = "je_[0-9a-f]{24}".prop_map(|id| EntryId::parse(&id).unwrap());
        let decided = (
            proptest::collection::vec(entries, 0..4),
            proptest::collection::vec(takings::resolutions(), 0..3),
        );
        let instruments =
            (takings::providers(), tokens()).prop_map(|(provider, token)| Instrument { provider, token });
        let check = (moments(), 0_u32..1_000);
        (
            ids(),
            any::<[u8; 32]>(),
            instruments,
            declarations,
            (
                proptest::option::of(any::<[u8; MARK_BYTES]>().prop_map(Source::of)),
                any::<bool>(),
                proptest::option::of("[!-~]{1,64}"),
            ),
            payments(state, amount),
            receipts(),
            decided,
            check,
        )
            .prop_map(
                move |(
                    id,
                    digest,
                    instrument,
                    wording,
                    (source, step_up, address),
                    payment,
                    receipt,
                    (entries, resolutions),
                    check,
                )| {
                    let mut donation = Donation {
                        id,
                        fingerprint: Fingerprint(digest),
                        gift: gift.clone(),
                        donor: donor.clone(),
                        gift_aid: wording.map(|wording| GiftAidDeclaration {
                            wording: WordingVersion::parse(&wording).unwrap(),
                            declared_at: accepted_at,
                        }),
                        instrument,
                        source,
                        step_up,
                        return_address: address.map(|address| ReturnAddress::parse(&address).unwrap()),
                        accepted_at,
                        payment,
                        entries,
                        receipt,
                        resolutions,
                        next_check: None,
                    };
                    if !donation.owed().is_nothing() {
                        donation.next_check = Some(Check { at: check.0, done: check.1 });
                    }
                    donation
                },
            )
    })
}

/// Moments up to the end of the year 9999.
pub(crate) fn moments() -> impl Strategy<Value = Timestamp> {
    (0_u64..=253_402_300_799_999).prop_map(Timestamp::from_millis)
}

/// Donation ids.
pub(crate) fn ids() -> impl Strategy<Value = DonationId> {
    "[a-z2-7]{26}".prop_map(|text| DonationId::parse(&text).unwrap())
}

fn gifts() -> impl Strategy<Value = Gift> {
    let appeals = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?".prop_map(|text| Appeal::parse(&text).unwrap());
    (takings::amounts(), appeals, select(&Channel::ALL[..])).prop_map(|(amount, appeal, channel)| Gift {
        amount,
        appeal,
        channel,
    })
}

fn donors() -> impl Strategy<Value = Donor> {
    let names = prop_oneof!["[A-Z][a-z' -]{0,98}[a-z]", ".{1,30}"]
        .prop_filter_map("a name", |text| DonorName::parse(&text).ok());
    let emails = "[a-z+._-]{1,12}@[a-z-]{1,12}\\.[a-z]{2,6}"
        .prop_filter_map("an address", |text| EmailAddress::parse(&text).ok());
    let lines =
        || "[0-9]{0,3} [A-Z][a-z ]{1,40}".prop_filter_map("a line", |text| AddressLine::parse(&text).ok());
    let codes =
        "[A-Z0-9]{1,4} ?[A-Z0-9]{1,4}".prop_filter_map("a code", |text| PostalCode::parse(&text).ok());
    let countries = "[A-Z]{2}".prop_map(|text| Country::parse(&text).unwrap());
    let addresses = (lines(), proptest::option::of(lines()), proptest::option::of(lines()), codes, countries)
        .prop_map(|(line_1, line_2, town, postal_code, country)| PostalAddress {
            line_1,
            line_2,
            town,
            postal_code,
            country,
        });
    (names, emails, proptest::option::of(addresses)).prop_map(|(name, email, address)| Donor {
        name,
        email,
        address,
    })
}

fn tokens() -> impl Strategy<Value = PaymentToken> {
    "pm_[A-Za-z0-9_-]{1,60}".prop_map(|text| PaymentToken::parse(&text).unwrap())
}

/// Which of the eight states of a payment.
fn states() -> impl Strategy<Value = u8> {
    0..8_u8
}

fn payments(state: u8, amount: Money) -> impl Strategy<Value = Payment> {
    let actions = prop_oneof![
        "https://[a-z.]{3,30}/[!-~]{0,30}".prop_map(|url| NextAction::Redirect { url }),
        "[!-~]{1,60}".prop_map(|client_secret| NextAction::ProviderScript { client_secret }),
    ];
    let reasons = (select(&DeclineReason::ALL[..]), select(&ReviewReason::ALL[..]));
    let taken = (takings::takings(amount), any::<bool>());
    (takings::attempts(), takings::references(), actions, reasons, moments(), taken).prop_map(
        move |(attempt, reference, action, (declined, review), since, (takings, is_taken))| match state {
            0 => Payment::Accepted,
            1 => Payment::Collecting { attempt },
            2 => Payment::Unknown { attempt, since },
            3 => Payment::ActionRequired { attempt, reference, action, since },
            4 => Payment::Processing { attempt, reference, since },
            5 => Payment::Declined { attempt, reason: declined, declined_at: since },
            6 => {
                let takings = is_taken.then_some(takings);
                Payment::UnderReview { attempt, reason: review, since, takings }
            }
            _ => Payment::Captured { attempt, takings },
        },
    )
}

fn receipts() -> impl Strategy<Value = Receipt> {
    let claims = || "[!-~]{8,64}".prop_map(|text| ClaimId::parse(&text).unwrap());
    let mails = "[!-~]{1,80}".prop_map(|text| MailId::parse(&text).unwrap());
    prop_oneof![
        Just(Receipt::NotSent),
        (claims(), moments()).prop_map(|(claim, claimed_at)| Receipt::Sending { claim, claimed_at }),
        (mails, moments()).prop_map(|(mail, sent_at)| Receipt::Sent { mail, sent_at }),
        (claims(), moments()).prop_map(|(claim, since)| Receipt::Ambiguous { claim, since }),
    ]
}
