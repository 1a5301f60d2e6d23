//! What each question shows of the provider, the same for every provider: the fixtures beside say which one.

use app::ports::{PaymentProvider, RefundOrder, Sign, Watched};
use domain::ids::{ProviderKey, RefundId};
use domain::takings::RefundReason;
use domain::time::Timestamp;

use crate::fixtures::{LIMITED, collection, connector, donation, reference, text};
use crate::server::{Act, Server, answering};

/// A question's name, what its answer showed, and whether it may be asked again in a moment.
type Shown = (&'static str, Sign, bool);

/// Asks every question, each of a server of its own, and each answered in the same way.
async fn shown(server: impl Fn() -> Server) -> Vec<Shown> {
    let mut all = Vec::new();
    macro_rules! ask {
        ($name:ident $arguments:tt) => {
            let server = server();
            let provider = connector(&server.url);
            let Watched { sign, again, .. } = provider.$name $arguments.await;
            all.push((stringify!($name), sign, again));
        };
    }
    let refund = RefundId::parse("rf_0123456789abcdef01234567").unwrap();
    let order = RefundOrder {
        refund: refund.clone(),
        donation: donation(),
        payment: reference(),
        amount: collection().amount,
        total: collection().amount,
        reason: RefundReason::RequestedByDonor,
        key: ProviderKey::of_refund(&refund, 1),
    };
    let long_ago = Timestamp::from_millis(0);
    ask!(collect(&collection()));
    ask!(refund(&order));
    ask!(call_off(&reference(), &ProviderKey::of_cancel(&donation(), 1)));
    ask!(look_up(&reference()));
    ask!(payments(long_ago, None));
    ask!(look_up_refund(&reference()));
    ask!(find_refund(&reference(), &refund));
    ask!(donation_of(&reference()));
    ask!(movements(long_ago, None));
    all
}

#[tokio::test]
async fn a_limiter_is_shown_by_whatever_is_asked_and_requests_may_be_made_again() {
    for (name, sign, again) in shown(|| answering(429, "", &text("answers", LIMITED))).await {
        assert_eq!(sign, Sign::TooMany, "{name}");
        assert!(again || !matches!(name, "collect" | "refund"), "{name} was certainly not executed");
        assert!(
            !again || matches!(name, "collect" | "refund" | "call_off"),
            "{name} waits for the completer"
        );
    }
}

#[tokio::test]
async fn a_failing_provider_is_shown_by_whatever_is_asked() {
    let broken = [Act::CloseUnread, Act::Reset];
    for act in broken {
        for shown in shown(|| Server::acting([act.clone()])).await {
            assert_eq!((shown.1, shown.2), (Sign::Failing, false), "{}: {act:?}", shown.0);
        }
    }
    for shown in shown(|| answering(503, "", "{}")).await {
        assert_eq!((shown.1, shown.2), (Sign::Failing, false), "{}", shown.0);
    }
}

#[tokio::test]
async fn a_refused_key_is_ours_to_mend_whatever_is_asked() {
    for shown in shown(|| answering(401, "", "{}")).await {
        assert_eq!((shown.1, shown.2), (Sign::Nothing, false), "{}", shown.0);
    }
}
