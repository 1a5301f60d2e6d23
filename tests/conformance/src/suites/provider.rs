//! `PaymentProvider`: one key, one payment; and what was said once is said again to whoever asks.

use app::listing::{Listed, Listing};
use app::ports::{Clock, Collection, Fault, PaymentProvider};
use domain::ids::{Appeal, DonationId, PaymentToken, ProviderKey, ProviderReference};
use domain::payment::{DeclineReason, KeyLife, PaymentOutcome};
use domain::time::{Span, Timestamp};
use futures_util::future::join_all;

use super::provider_faults::Strike;
use crate::fixtures::donations::id;
use crate::fixtures::{NOON, gbp, reference};
use crate::running::World;

/// A provider without payments, on a clock that stands at noon.
pub(crate) trait ProviderWorld: World {
    fn provider(&self) -> impl PaymentProvider;

    /// Lets the provider's clock run on.
    fn advance(&self, span: Span);

    /// Lets this strike the next call.
    async fn strike(&self, strike: Strike);

    /// Sees to it that a capture is in the provider's account of its balance.
    fn account_for(&self, collection: &Collection, outcome: &PaymentOutcome);

    /// Lets the donor's bank dispute a payment and take the money, for a fee of 20.00. Gives the dispute's
    /// id.
    async fn dispute(&self, payment: &ProviderReference) -> ProviderReference;

    /// Lets the bank decide it for the charity.
    async fn win(&self, dispute: &ProviderReference);

    /// Lets a refund that was made come back.
    async fn fail(&self, refund: &ProviderReference);

    /// How many refunds the provider holds, whatever became of them.
    async fn refunds(&self) -> usize;

    /// How many payments the provider holds for a donation, whatever became of them.
    async fn payments(&self, donation: &DonationId) -> usize;
}

/// Holds an adapter to this suite.
macro_rules! provider {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, provider:
            its_keys_and_calls_have_bounds,
            a_good_card_is_captured_in_full,
            the_same_key_is_the_same_payment,
            another_key_is_another_payment,
            many_calls_with_one_key_at_once_make_one_payment,
            a_declined_card_gives_the_reason,
            a_card_that_the_bank_asks_about_needs_action,
            a_look_up_says_what_the_call_said,
            a_look_up_of_no_payment_proves_nothing,
            a_search_finds_nothing_where_nothing_was_asked_for,
            a_search_finds_the_payment_of_the_donation_and_no_other,
            a_search_of_several_payments_finds_the_captured_one,
            a_search_leaves_out_what_is_older_than_it_asks_for,
        }
    };
}
pub(crate) use provider;

/// Two days before noon: before everything here.
const EARLIER: Timestamp = NOON.minus(Span::hours(48));

/// What is collected for the donation with this number, with its attempt of this number.
pub(crate) fn collection(number: u32, attempt: u32, token: &str) -> Collection {
    Collection {
        key: ProviderKey::of_attempt(&id(number), attempt),
        donation: id(number),
        appeal: Appeal::parse("winter-example").unwrap(),
        amount: gbp(2_500),
        token: PaymentToken::parse(token).unwrap(),
        return_url: "https://give.example.org/donations/invented?capability=a&b=c".to_owned(),
        step_up: false,
    }
}

pub(crate) async fn its_keys_and_calls_have_bounds(world: &impl ProviderWorld) {
    let provider = world.provider();
    let KeyLife { reuse_until, absence_proves_from } = provider.key_life();
    assert!(reuse_until < absence_proves_from);
    assert!((1..=20_000).contains(&provider.call_millis_max()));
}

pub(crate) async fn a_good_card_is_captured_in_full(world: &impl ProviderWorld) {
    let collection = collection(1, 1, "pm_card_visa");
    let outcome = world.provider().collect(&collection).await.said.outcome;
    captured_reference(&outcome);
    assert_eq!(world.payments(&id(1)).await, 1);
}

pub(crate) async fn the_same_key_is_the_same_payment(world: &impl ProviderWorld) {
    let provider = world.provider();
    let tokens = ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"];
    for (number, token) in (1..).zip(tokens) {
        let collection = collection(number, 1, token);
        let first = provider.collect(&collection).await.said.outcome;
        world.advance(Span::hours(21));
        assert_eq!(provider.collect(&collection).await.said.outcome, first, "{token}");
        assert_eq!(world.payments(&id(number)).await, 1, "{token}");
    }
}

pub(crate) async fn another_key_is_another_payment(world: &impl ProviderWorld) {
    let provider = world.provider();
    let first = provider.collect(&collection(1, 1, "pm_card_visa")).await.said.outcome;
    let second = provider.collect(&collection(1, 2, "pm_card_visa")).await.said.outcome;
    assert_ne!(captured_reference(&first), captured_reference(&second));
    assert_eq!(world.payments(&id(1)).await, 2);
}

/// A provider may turn a call away while another of the same key is under way, and that is all it may do.
pub(crate) async fn many_calls_with_one_key_at_once_make_one_payment(world: &impl ProviderWorld) {
    let (provider, collection) = (world.provider(), collection(1, 1, "pm_card_visa"));
    let outcomes = join_all((0..16).map(async |_| provider.collect(&collection).await.said.outcome)).await;
    assert_eq!(world.payments(&id(1)).await, 1);
    let settled = provider.collect(&collection).await.said.outcome;
    let reference = captured_reference(&settled);
    let answered: Vec<_> =
        outcomes.iter().filter(|outcome| !matches!(outcome, PaymentOutcome::NotExecuted { .. })).collect();
    assert!(!answered.is_empty());
    assert!(answered.iter().all(|outcome| captured_reference(outcome) == reference));
}

pub(crate) async fn a_declined_card_gives_the_reason(world: &impl ProviderWorld) {
    let provider = world.provider();
    let declines = [
        ("pm_card_chargeDeclined", DeclineReason::Refused),
        ("pm_card_chargeDeclinedInsufficientFunds", DeclineReason::InsufficientFunds),
    ];
    for (number, (token, expected)) in (1..).zip(declines) {
        let outcome = provider.collect(&collection(number, 1, token)).await.said.outcome;
        let PaymentOutcome::Declined { reference: Some(_), reason } = outcome else { panic!("{outcome:?}") };
        assert_eq!(reason, expected);
    }
}

pub(crate) async fn a_card_that_the_bank_asks_about_needs_action(world: &impl ProviderWorld) {
    let outcome =
        world.provider().collect(&collection(1, 1, "pm_card_authenticationRequired")).await.said.outcome;
    assert!(matches!(outcome, PaymentOutcome::ActionRequired { .. }), "{outcome:?}");
}

pub(crate) async fn a_look_up_says_what_the_call_said(world: &impl ProviderWorld) {
    let provider = world.provider();
    let tokens = ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"];
    for (number, token) in (1..).zip(tokens) {
        let said = provider.collect(&collection(number, 1, token)).await.said.outcome;
        assert_eq!(provider.look_up(&reference_of(&said)).await.said, said);
    }
}

pub(crate) async fn a_look_up_of_no_payment_proves_nothing(world: &impl ProviderWorld) {
    let provider = world.provider();
    provider.collect(&collection(1, 1, "pm_card_visa")).await;
    let outcome = provider.look_up(&reference(99)).await.said;
    assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{outcome:?}");
}

pub(crate) async fn a_search_finds_nothing_where_nothing_was_asked_for(world: &impl ProviderWorld) {
    let provider = world.provider();
    assert_eq!(find(&provider, &id(1), EARLIER).await.unwrap(), None);
    provider.collect(&collection(2, 1, "pm_card_visa")).await;
    assert_eq!(find(&provider, &id(1), EARLIER).await.unwrap(), None);
}

pub(crate) async fn a_search_finds_the_payment_of_the_donation_and_no_other(world: &impl ProviderWorld) {
    let provider = world.provider();
    let tokens = ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"];
    let mut said = Vec::new();
    for (number, token) in (1..).zip(tokens) {
        said.push(provider.collect(&collection(number, 1, token)).await.said.outcome);
    }
    for (number, said) in (1..).zip(said) {
        assert_eq!(find(&provider, &id(number), EARLIER).await.unwrap(), Some(said));
    }
}

pub(crate) async fn a_search_of_several_payments_finds_the_captured_one(world: &impl ProviderWorld) {
    let provider = world.provider();
    let sequences = [
        ["pm_card_visa", "pm_card_chargeDeclined", "pm_card_authenticationRequired"],
        ["pm_card_chargeDeclined", "pm_card_visa", "pm_card_authenticationRequired"],
        ["pm_card_chargeDeclined", "pm_card_authenticationRequired", "pm_card_visa"],
    ];
    for (number, tokens) in (1..).zip(sequences) {
        let mut captured = None;
        for (attempt, token) in (1..).zip(tokens) {
            let outcome = provider.collect(&collection(number, attempt, token)).await.said.outcome;
            world.advance(Span::seconds(1));
            if matches!(outcome, PaymentOutcome::Captured { .. }) {
                captured = Some(outcome);
            }
        }
        assert_eq!(find(&provider, &id(number), EARLIER).await.unwrap(), captured, "{tokens:?}");
    }
}

pub(crate) async fn a_search_leaves_out_what_is_older_than_it_asks_for(world: &impl ProviderWorld) {
    let provider = world.provider();
    let said = provider.collect(&collection(1, 1, "pm_card_visa")).await.said.outcome;
    world.advance(Span::hours(1));
    assert_eq!(find(&provider, &id(1), NOON).await.unwrap(), Some(said));
    assert_eq!(find(&provider, &id(1), NOON.plus(Span::minutes(1))).await.unwrap(), None);
}

/// The provider's id of a captured payment of the amount that was asked for.
pub(crate) fn captured_reference(outcome: &PaymentOutcome) -> &ProviderReference {
    match outcome {
        PaymentOutcome::Captured { reference, amount, .. } => {
            assert_eq!(*amount, gbp(2_500));
            reference
        }
        other => panic!("not captured: {other:?}"),
    }
}

pub(crate) fn reference_of(outcome: &PaymentOutcome) -> ProviderReference {
    match outcome {
        PaymentOutcome::Captured { reference, .. }
        | PaymentOutcome::ActionRequired { reference, .. }
        | PaymentOutcome::Declined { reference: Some(reference), .. } => reference.clone(),
        other => panic!("no payment: {other:?}"),
    }
}

/// A clock that stands still, so that there is time for every page.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        NOON
    }
}

/// The payment that the provider's list names the donation in, or that there is none.
pub(crate) async fn find(
    provider: &impl PaymentProvider,
    donation: &DonationId,
    since: Timestamp,
) -> Result<Option<PaymentOutcome>, Fault> {
    match Listing::default().find(provider, &Still, donation, since).await? {
        Listed::Payment(outcome) => Ok(Some(outcome)),
        Listed::Nothing { .. } => Ok(None),
        Listed::NotYet => panic!("the clock stands still"),
    }
}
