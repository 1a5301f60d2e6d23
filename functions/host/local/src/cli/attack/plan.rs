//! What the attackers and the honest donors send. The same seed sends the same.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use contracts::http::{DonationRequest, DonorRequest, PaymentRequest};
use sha2::{Digest, Sha256};

use crate::cli::surge::plan::{Planned, Schedule};

const GOOD: &str = "pm_card_visa";
const BAD: &str = "pm_card_visa_chargeDeclined";
/// How many in a hundred of the attackers' cards the bank declines.
const BAD_OF_ATTACKERS: u16 = 90;
/// How many in a hundred of the honest donors' cards it declines.
const BAD_OF_HONEST: u16 = 3;
/// The honest donors' one address, of TEST-NET-3 (RFC 5737).
const SHARED: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);

/// Those who try cards.
#[derive(Debug, Clone, Copy)]
pub(super) struct Attackers {
    pub(super) seed: u64,
    pub(super) attempts: u32,
    pub(super) sources: u8,
    pub(super) seconds: u32,
}

/// Those who give.
#[derive(Debug, Clone, Copy)]
pub(super) struct Honest {
    pub(super) seed: u64,
    pub(super) rate: u32,
    pub(super) seconds: u32,
}

/// Who is meant in keys, cards and draws.
enum Who {
    Attackers,
    Honest,
}

impl Honest {
    /// Whether the bank takes the card of this number, so that nothing but us may stand between it and the charity.
    pub(super) fn is_good(&self, number: u32) -> bool {
        !is_bad(self.seed, number, &Who::Honest)
    }
}

impl Schedule for Attackers {
    fn donations(&self) -> u32 {
        self.attempts
    }

    fn donation(&self, number: u32) -> Planned {
        let last = u8::try_from(number % u32::from(self.sources)).expect("less than the sources, a byte");
        Planned {
            due: Duration::from_secs(self.seconds.into()) * number / self.attempts,
            from: Some(IpAddr::V4(Ipv4Addr::new(198, 51, 100, last.saturating_add(1)))),
            ..planned(self.seed, number, &Who::Attackers)
        }
    }
}

impl Schedule for Honest {
    fn donations(&self) -> u32 {
        self.rate.saturating_mul(self.seconds)
    }

    fn donation(&self, number: u32) -> Planned {
        Planned {
            due: Duration::from_secs(1) * number / self.rate,
            from: Some(IpAddr::V4(SHARED)),
            ..planned(self.seed, number, &Who::Honest)
        }
    }
}

/// Whether the bank declines the card of this number.
fn is_bad(seed: u64, number: u32, who: &Who) -> bool {
    let (name, percent) = match who {
        Who::Attackers => (b'a', BAD_OF_ATTACKERS),
        Who::Honest => (b'h', BAD_OF_HONEST),
    };
    let mut digest = Sha256::new();
    digest.update(seed.to_le_bytes());
    digest.update(number.to_le_bytes());
    digest.update([name]);
    let drawn = u16::from_le_bytes([digest.clone().finalize()[0], digest.finalize()[1]]);
    drawn % 100 < percent
}

fn planned(seed: u64, number: u32, who: &Who) -> Planned {
    let (name, amount, first) = match who {
        Who::Attackers => ("attack", "1.00", 0),
        Who::Honest => ("honest", "20.00", 500_000),
    };
    let card = if is_bad(seed, number, who) { BAD } else { GOOD };
    // Twelve digits at most: six of the seed's, so that another run has other cards, and six of the number's.
    let token = format!("{card}_card{}", (seed % 1_000_000) * 1_000_000 + first + u64::from(number));
    Planned {
        due: Duration::ZERO,
        key: format!("{name}-{seed:016x}-{number:06}"),
        request: DonationRequest {
            amount: amount.to_owned(),
            currency: "GBP".to_owned(),
            appeal: "winter".to_owned(),
            payment: PaymentRequest { provider: "stripe".to_owned(), token },
            donor: DonorRequest {
                name: "Ada Example".to_owned(),
                email: format!("{name}-{number}@example.org"),
                address: None,
            },
            gift_aid: None,
            channel: "web".to_owned(),
        },
        repeated_after: None,
        from: None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ATTACKERS: Attackers = Attackers { seed: 7, attempts: 10_000, sources: 5, seconds: 100 };

    #[test]
    fn few_addresses_try_many_cards_and_nine_in_ten_are_declined() {
        let all: Vec<Planned> = (0..ATTACKERS.donations()).map(|number| ATTACKERS.donation(number)).collect();
        let sources: BTreeSet<_> = all.iter().map(|one| one.from).collect();
        let cards: BTreeSet<_> = all.iter().map(|one| one.request.payment.token.clone()).collect();
        assert_eq!((sources.len(), cards.len()), (5, 10_000));
        let declined = all.iter().filter(|one| one.request.payment.token.starts_with(BAD)).count();
        assert!((8_800..9_200).contains(&declined), "{declined}");
        assert!(all.is_sorted_by_key(|one| one.due));
        assert!(all[9_999].due < Duration::from_secs(100));
    }

    #[test]
    fn one_address_gives_and_three_in_a_hundred_are_declined() {
        let honest = Honest { seed: 7, rate: 50, seconds: 100 };
        let all: Vec<Planned> = (0..honest.donations()).map(|number| honest.donation(number)).collect();
        assert!(all.iter().all(|one| one.from == Some(IpAddr::V4(SHARED))));
        let bad = (0..honest.donations()).filter(|number| !honest.is_good(*number)).count();
        assert!((100..200).contains(&bad), "{bad} of {}", all.len());
        let declined = all.iter().filter(|one| one.request.payment.token.starts_with(BAD)).count();
        assert_eq!(declined, bad);
    }
}
