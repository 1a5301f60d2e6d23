//! What differs from seed to seed: which classes of faults there are and how often, and how long things last.

use std::collections::BTreeMap;

use domain::payment::KeyLife;
use domain::time::Span;

use crate::faults::Class;
use crate::random::Stream;

/// The settings of one run, drawn from its seed.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch by itself")]
pub struct Knobs {
    /// Times in ten thousand that each class strikes where it can; a class that is off is not here.
    pub rates: BTreeMap<Class, u64>,
    /// Whether webhooks are sent. Without them the provider keeps to simple habits, and what they would mend
    /// comes to light.
    pub nets: bool,
    /// Whether the reconciliation runs. Without it no webhook is lost for good, and what it would mend comes
    /// to light.
    pub reconciles: bool,
    /// Whether ages are minutes instead of hours.
    pub is_shrunk: bool,
    /// How long the code trusts the provider's keys.
    pub key_life: KeyLife,
    /// How long the provider keeps them.
    pub key_kept: Span,
    /// Longest that a request is on its way after its caller gave up.
    pub late_max: Span,
    /// Most that an environment's clock differs from the world's.
    pub skew_max: Span,
    /// Donors.
    pub donors: u64,
    /// Time in which the donors come, and faults strike.
    pub faulty: Span,
    /// Most environments of one function at once.
    pub environments: usize,
    /// Most messages of a batch.
    pub batch: u32,
    /// Calls a second that the provider's account allows.
    pub calls_per_second: u16,
    /// How long it takes until the provider lists what moved.
    pub listed_after: Span,
    /// Whether people refund, review and redrive while faults strike.
    pub operators: bool,
    /// Whether donors' banks dispute, flip and take back, and somebody refunds at the provider.
    pub money_moves: bool,
    /// Whether webhooks come again once the faults have stopped.
    pub webhooks_recover: bool,
}

impl Knobs {
    /// The settings of this seed.
    pub(crate) fn draw(seed: u64) -> Self {
        let mut stream = Stream::new(seed, "knobs");
        let nets = !stream.happens(2_000);
        let is_shrunk = stream.happens(5_000);
        let reconciles = nets && stream.happens(7_500);
        let rates = rates(&mut stream, nets, reconciles);
        let (key_life, key_kept, late_max, skew_max) = if is_shrunk {
            let life = KeyLife { reuse_until: Span::minutes(20), absence_proves_from: Span::minutes(36) };
            (life, Span::minutes(30), Span::minutes(6), Span::seconds(60))
        } else {
            (KeyLife::DAY, Span::hours(24), Span::minutes(10), Span::minutes(5))
        };
        let faulty = match (is_shrunk, stream.below(3)) {
            (true, 0) => Span::minutes(10),
            (true, _) => Span::minutes(60),
            (false, 0) => Span::minutes(30),
            (false, 1) => Span::hours(4),
            (false, _) => Span::hours(30),
        };
        Self {
            rates,
            nets,
            reconciles,
            is_shrunk,
            key_life,
            key_kept,
            late_max,
            skew_max,
            donors: stream.between(1, 5),
            faulty,
            environments: usize::try_from(stream.between(1, 3)).unwrap_or(1),
            batch: u32::try_from(stream.between(1, 10)).unwrap_or(1),
            calls_per_second: if stream.happens(3_000) { 25 } else { 1_000 },
            listed_after: Span::minutes([0, 0, 5, 60][stream.place(4)]),
            operators: stream.happens(6_000),
            money_moves: nets && stream.happens(6_000),
            webhooks_recover: !reconciles || stream.happens(5_000),
        }
    }
}

fn rates(stream: &mut Stream, nets: bool, reconciles: bool) -> BTreeMap<Class, u64> {
    let mut rates = BTreeMap::new();
    for class in Class::ALL {
        let is_off = stream.happens(4_000);
        // Evenly over the orders of magnitude between one in a thousand and one in twelve.
        let rate = 10_u64 << stream.below(7);
        // Without them nobody would ever learn of what the provider does behind our backs.
        let needs = match class {
            Class::WebhookTwice | Class::WebhookLate => nets,
            Class::WebhookLost | Class::KeyForgotten => reconciles,
            _ => true,
        };
        let rate = match class {
            Class::Storm => rate / 20,
            Class::KeyForgotten | Class::StoredError | Class::StoredRefusal => rate * 2,
            Class::Crash => rate / 4,
            Class::Clock | Class::RunSkipped | Class::NextVersion => rate * 4,
            Class::WebhookLost | Class::WebhookTwice | Class::WebhookLate => rate * 8,
            Class::EventTwice | Class::EventLate | Class::EventLost => rate * 3,
            _ => rate,
        };
        if needs && !is_off && rate > 0 {
            rates.insert(class, rate);
        }
    }
    rates
}
