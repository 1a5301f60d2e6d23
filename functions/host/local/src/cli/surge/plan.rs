//! Which donations a surge makes. The same seed makes the same ones.

use std::net::IpAddr;
use std::time::Duration;

use contracts::http::{DonationRequest, DonorRequest, GiftAidRequest, PaymentRequest};
use sha2::{Digest, Sha256};

use crate::cli::donate::invented_address;

/// What people give, with the currency's own number of decimals; most of it in pounds.
const AMOUNTS: [(&str, &str); 12] = [
    ("5.00", "GBP"),
    ("10.00", "GBP"),
    ("10.00", "GBP"),
    ("15.00", "GBP"),
    ("20.00", "GBP"),
    ("25.00", "GBP"),
    ("30.00", "GBP"),
    ("50.00", "GBP"),
    ("100.00", "GBP"),
    ("7.43", "GBP"),
    ("20.00", "EUR"),
    ("2500", "JPY"),
];
/// How many of these are in pounds, and come first: direct debits are in no other currency.
const IN_POUNDS: usize = 10;
/// One in twelve is declined, for one of these reasons.
const DECLINES: [&str; 3] = [
    "pm_card_visa_chargeDeclined",
    "pm_card_visa_chargeDeclinedInsufficientFunds",
    "pm_card_visa_chargeDeclinedLostCard",
];
const DECLINED_ONE_IN: u8 = 12;
/// What becomes of one direct debit in twelve: the bank returns it unpaid, in time or late, or charges it back.
const DEBIT_FATES: [&str; 5] = ["MDdeclined", "MDlate", "MDlatepaid", "MDchargeback", "MDreclaimed"];
/// One in eight is sent twice: an impatient finger, or a client that lost the first answer.
const REPEATED_ONE_IN: u8 = 8;

/// A whole surge.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    seed: u64,
    rate: u32,
    seconds: u32,
    /// Of a hundred, how many are direct debits.
    direct_debits: u8,
}

/// Donations, and when they are due.
pub(crate) trait Schedule {
    /// How many there are.
    fn donations(&self) -> u32;

    /// The donation of a number below [`Self::donations`], due no earlier than the one before.
    fn donation(&self, number: u32) -> Planned;
}

/// One donation of it.
pub(crate) struct Planned {
    /// When it is due, from the beginning.
    pub(crate) due: Duration,
    /// Its idempotency key.
    pub(crate) key: String,
    /// What is sent.
    pub(crate) request: DonationRequest,
    /// How long after it the same is sent once more.
    pub(crate) repeated_after: Option<Duration>,
    /// The address that it is said to come from; this machine's own where there is none.
    pub(crate) from: Option<IpAddr>,
}

impl Plan {
    pub(crate) fn new(seed: u64, rate: u32, seconds: u32) -> Self {
        Self { seed, rate, seconds, direct_debits: 0 }
    }

    /// The same donors, of whom so many in a hundred give by direct debit.
    pub(crate) fn with_direct_debits(self, percent: u8) -> Self {
        Self { direct_debits: percent, ..self }
    }

    fn is_direct_debit(&self, drawn: &[u8; 32]) -> bool {
        u16::from_le_bytes([drawn[6], drawn[7]]) % 100 < u16::from(self.direct_debits)
    }
}

/// What a donor pays with, in which amount.
struct Payment {
    provider: &'static str,
    token: String,
    amount: (&'static str, &'static str),
}

impl Payment {
    fn by_card(drawn: &[u8; 32]) -> Self {
        let token = if drawn[1].is_multiple_of(DECLINED_ONE_IN) {
            DECLINES[usize::from(drawn[2]) % DECLINES.len()]
        } else {
            "pm_card_visa"
        };
        let amount = AMOUNTS[usize::from(drawn[0]) % AMOUNTS.len()];
        Self { provider: "stripe", token: token.to_owned(), amount }
    }

    fn by_direct_debit(drawn: &[u8; 32], number: u32) -> Self {
        let fate = if drawn[1].is_multiple_of(DECLINED_ONE_IN) {
            DEBIT_FATES[usize::from(drawn[2]) % DEBIT_FATES.len()]
        } else {
            "MD000"
        };
        let amount = AMOUNTS[usize::from(drawn[0]) % IN_POUNDS];
        Self { provider: "gocardless", token: format!("{fate}SURGE{number:06}"), amount }
    }
}

impl Schedule for Plan {
    fn donations(&self) -> u32 {
        self.rate.saturating_mul(self.seconds)
    }

    fn donation(&self, number: u32) -> Planned {
        let mut digest = Sha256::new();
        digest.update(self.seed.to_le_bytes());
        digest.update(number.to_le_bytes());
        let drawn: [u8; 32] = digest.finalize().into();
        let Payment { provider, token, amount: (amount, currency) } = if self.is_direct_debit(&drawn) {
            Payment::by_direct_debit(&drawn, number)
        } else {
            Payment::by_card(&drawn)
        };
        let gift_aid = drawn[3].is_multiple_of(2);
        Planned {
            due: Duration::from_secs(1) * number / self.rate,
            key: format!("surge-{:016x}-{number:06}", self.seed),
            request: DonationRequest {
                amount: amount.to_owned(),
                currency: currency.to_owned(),
                appeal: "winter".to_owned(),
                payment: PaymentRequest { provider: provider.to_owned(), token },
                donor: DonorRequest {
                    name: format!("Surge Example {number}"),
                    email: format!("surge-{number}@example.org"),
                    address: gift_aid.then(invented_address),
                },
                gift_aid: gift_aid.then(|| GiftAidRequest { wording_version: "2026-01".to_owned() }),
                channel: "web".to_owned(),
            },
            repeated_after: drawn[4]
                .is_multiple_of(REPEATED_ONE_IN)
                .then(|| Duration::from_millis(u64::from(drawn[5]) * 4)),
            from: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_same_seed_makes_the_same_donations_and_another_makes_others() {
        let body = |seed| serde_json::to_string(&Plan::new(seed, 50, 60).donation(7).request).unwrap();
        let key = |seed| Plan::new(seed, 50, 60).donation(7).key;
        assert_eq!((body(1), key(1)), (body(1), key(1)));
        assert_ne!(key(1), key(2));
    }

    #[test]
    fn a_share_of_the_donors_gives_by_direct_debit_and_all_others_as_they_would_without() {
        let cards = Plan::new(3, 50, 60);
        let mixed = cards.with_direct_debits(10);
        let (mut debits, mut fates) = (0, BTreeSet::<&str>::new());
        for number in 0..mixed.donations() {
            let (one, other) = (mixed.donation(number), cards.donation(number));
            let payment = &one.request.payment;
            assert_eq!(one.key, other.key);
            if payment.provider == "stripe" {
                assert_eq!(payment.token, other.request.payment.token);
                continue;
            }
            debits += 1;
            assert_eq!((payment.provider.as_str(), one.request.currency.as_str()), ("gocardless", "GBP"));
            let asked = payment.token.split("SURGE").next().unwrap();
            fates.extend(DEBIT_FATES.iter().find(|fate| **fate == asked));
        }
        assert!((200..400).contains(&debits), "{debits} of 3000");
        assert_eq!(fates.len(), DEBIT_FATES.len(), "{fates:?}");
        let all = cards.with_direct_debits(100);
        assert!((0..100).all(|number| all.donation(number).request.payment.provider == "gocardless"));
    }

    #[test]
    fn a_surge_has_declines_repeats_several_currencies_and_no_key_twice() {
        let plan = Plan::new(3, 50, 60);
        let planned: Vec<Planned> = (0..plan.donations()).map(|number| plan.donation(number)).collect();
        let declined = planned.iter().filter(|one| one.request.payment.token != "pm_card_visa").count();
        let repeated = planned.iter().filter(|one| one.repeated_after.is_some()).count();
        let currencies: BTreeSet<&str> = planned.iter().map(|one| one.request.currency.as_str()).collect();
        let keys: BTreeSet<&str> = planned.iter().map(|one| one.key.as_str()).collect();
        assert!((150..400).contains(&declined), "{declined} of 3000 are declined");
        assert!((250..550).contains(&repeated), "{repeated} of 3000 are repeated");
        assert_eq!(currencies.len(), 3);
        assert_eq!(keys.len(), planned.len());
        assert_eq!(planned[2999].due, Duration::from_millis(59_980));
    }
}
