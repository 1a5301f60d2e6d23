//! Donations on the stage. All data is invented.

use adapters_memory::Memory;
use app::accept_donation::Offer;
use app::connectors::Connectors;
use app::ports::{Donations, Saved};
use domain::currency::Currency;
use domain::donation::{Accepted, Command, Donation, Fingerprint};
use domain::donor::{Donor, DonorName, EmailAddress};
use domain::gift::{Channel, Gift, Instrument};
use domain::ids::{Appeal, DonationId, IdempotencyKey, PaymentToken, Provider, ProviderReference};
use domain::money::Money;
use domain::payment::{KeyLife, PaymentOutcome};
use domain::screening::Source;
use domain::takings::{RefundNews, RefundStatus};
use domain::time::Span;

use crate::{START, Stage};

/// A request for 25.00 GBP under this key, paid with this token.
///
/// # Panics
/// When key or token is not one.
pub fn offer(key: &str, token: &str) -> Offer {
    Offer {
        key: IdempotencyKey::parse(key).expect("the key is one"),
        gift: Gift {
            amount: Money::from_minor(2_500, Currency::GBP).expect("25.00 GBP is an amount"),
            appeal: Appeal::parse("winter-2026").expect("the appeal is one"),
            channel: Channel::Web,
        },
        donor: Donor {
            name: DonorName::parse("Ada Example").expect("the name is one"),
            email: EmailAddress::parse("ada@example.org").expect("the address is one"),
            address: None,
        },
        gift_aid: None,
        instrument: Instrument {
            provider: Provider::STRIPE,
            token: PaymentToken::parse(token).expect("the token is one"),
        },
        source: None,
    }
}

/// The stage's provider as the only one that is configured.
pub fn connectors(stage: &Stage) -> Connectors<Memory> {
    Connectors::new(vec![(Provider::STRIPE, stage.world.clone())])
}

/// The commands that make a donation captured under this reference.
///
/// # Panics
/// When the reference is not one.
pub fn captured(reference: &str) -> Vec<Command> {
    let reference = ProviderReference::parse(reference).expect("the reference is one");
    let amount = Money::from_minor(2_500, Currency::GBP).expect("25.00 GBP is an amount");
    let outcome = PaymentOutcome::Captured { reference, amount, created_at: START };
    vec![
        Command::StartAttempt { at: START, key_life: KeyLife::DAY },
        Command::RecordOutcome { outcome, at: START },
    ]
}

/// The command that makes the whole capture under this reference refunded, as somebody at the provider does it.
///
/// # Panics
/// When the reference is not one.
pub fn refunded(reference: &str) -> Command {
    let news = RefundNews {
        id: None,
        reference: ProviderReference::parse("re_example_1").expect("the reference is one"),
        payment: ProviderReference::parse(reference).expect("the reference is one"),
        amount: Money::from_minor(2_500, Currency::GBP).expect("25.00 GBP is an amount"),
        status: RefundStatus::Succeeded,
    };
    Command::RecordRefund { news, at: START }
}

impl Stage {
    /// Stores a donation of 25.00 GBP that has just been accepted, to be looked at after a minute.
    ///
    /// # Panics
    /// When the id is not one, or is taken.
    pub async fn accept(&self, id: &str, token: &str) -> DonationId {
        self.accept_from(id, token, None).await
    }

    /// The same for a donation from this source.
    ///
    /// # Panics
    /// When the id is not one, or is taken.
    pub async fn accept_from(&self, id: &str, token: &str, source: Option<Source>) -> DonationId {
        let id = DonationId::parse(id).expect("the id is one");
        let offer = offer("a-key-of-the-stage", token);
        let accepted = Accepted {
            id: id.clone(),
            fingerprint: Fingerprint([7; 32]),
            gift: offer.gift,
            donor: offer.donor,
            gift_aid: None,
            instrument: offer.instrument,
            source,
            at: START,
        };
        let donation = Donation::accept(accepted, Span::seconds(60));
        self.world.accept(&donation).await.expect("nothing strikes this call");
        id
    }

    /// Takes the stored donation through commands, as whoever gave them would have.
    ///
    /// # Panics
    /// When the donation is not there or refuses one of the commands.
    pub async fn give(&self, id: &DonationId, commands: Vec<Command>) {
        for command in commands {
            let stored =
                self.world.load(id).await.expect("nothing strikes this call").expect("it was accepted");
            let events = stored.donation.decide(command).expect("the commands fit");
            let donation = stored.donation.evolve_all(&events);
            let saved = self.world.save(&donation, stored.version).await.expect("nothing strikes this call");
            assert_eq!(saved, Saved::Saved);
        }
    }

    /// The donation as it is stored.
    ///
    /// # Panics
    /// When it is not there.
    pub async fn donation(&self, id: &DonationId) -> Donation {
        let stored = self.world.load(id).await.expect("nothing strikes this call");
        stored.expect("it was accepted").donation
    }
}
