use app::ports::PaymentProvider;
use domain::time::Timestamp;

use crate::fixtures::{API_KEY, collection, connector, names, reference, text};
use crate::logs::Kept;
use crate::server::{Act, Server, answering};

#[tokio::test]
async fn nothing_secret_is_ever_logged() {
    let kept = Kept::default();
    let guard = kept.begin();
    for name in names("answers") {
        let status = name.strip_prefix("error.").map_or(200, |rest| rest[..3].parse().unwrap());
        let body = text("answers", &name);
        let id = "request-id: req_Example\r\n";
        connector(&answering(status, id, &body).url).collect(&collection()).await;
        connector(&answering(status, id, &body).url).look_up(&reference()).await;
        drop(
            connector(&answering(status, id, &body).url).payments(Timestamp::from_millis(0), None).await.said,
        );
    }
    connector(&Server::acting([Act::CloseUnread]).url).collect(&collection()).await;
    drop(guard);
    let logged = kept.text();
    for expected in
        ["req_Example", "refuses our API key", "amount_too_small", "no answer to a payment request"]
    {
        assert!(logged.contains(expected), "{expected} is missing from {logged}");
    }
    for secret in
        [API_KEY, "_secret_invented", "pm_1Example", "winter-example", "capability", "invented message"]
    {
        assert!(!logged.contains(secret), "{secret} was logged");
    }
}

#[test]
fn a_connector_prints_where_it_calls_and_nothing_else() {
    let printed = format!("{:?}", connector("http://127.0.0.1:12111"));
    assert_eq!(printed, "StripeConnector { base_url: \"http://127.0.0.1:12111/\", .. }");
}
