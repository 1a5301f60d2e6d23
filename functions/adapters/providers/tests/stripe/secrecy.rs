use app::ports::PaymentProvider;
use domain::ids::ProviderKey;
use domain::takings::RefundReason;
use domain::time::Timestamp;

use crate::fixtures::{API_KEY, collection, connector, donation, names, reference, status_of, text};
use crate::logs::Kept;
use crate::refunds::{order, ours};
use crate::server::{Act, Server, answering};

#[tokio::test]
async fn nothing_secret_is_ever_logged() {
    let kept = Kept::default();
    let guard = kept.begin();
    for name in names("answers") {
        let (status, body) = (status_of(&name), text("answers", &name));
        macro_rules! ask {
            ($name:ident $arguments:tt) => {
                let server = answering(status, "request-id: req_Example\r\n", &body);
                drop(connector(&server.url).$name $arguments.await);
            };
        }
        ask!(collect(&collection()));
        ask!(look_up(&reference()));
        ask!(payments(Timestamp::from_millis(0), None));
        ask!(call_off(&reference(), &ProviderKey::of_cancel(&donation(), 1)));
        ask!(refund(&order(RefundReason::RequestedByDonor)));
        ask!(look_up_refund(&reference()));
        ask!(find_refund(&reference(), &ours()));
        ask!(look_up_dispute(&reference()));
        ask!(donation_of(&reference()));
        ask!(movements(Timestamp::from_millis(0), None));
    }
    connector(&Server::acting([Act::CloseUnread]).url).collect(&collection()).await;
    drop(guard);
    let logged = kept.text();
    for expected in
        ["req_Example", "refuses our API key", "amount_too_small", "no answer to a payment request"]
    {
        assert!(logged.contains(expected), "{expected} is missing from {logged}");
    }
    for secret in [
        API_KEY,
        "_secret_invented",
        "pm_1Example",
        "winter-example",
        "capability",
        "invented message",
        "ada@example.org",
    ] {
        assert!(!logged.contains(secret), "{secret} was logged");
    }
}

#[test]
fn a_connector_prints_where_it_calls_and_nothing_else() {
    let printed = format!("{:?}", connector("http://127.0.0.1:12111"));
    assert_eq!(printed, "StripeConnector { base_url: \"http://127.0.0.1:12111/\", .. }");
}
