use app::ports::PaymentProvider;
use domain::time::Timestamp;

use crate::fixtures::{API_KEY, collection, connector, names, reference, status_of, text};
use crate::logs::Kept;
use crate::server::{Act, Server, answer, answering};

#[tokio::test]
async fn nothing_secret_is_ever_logged() {
    let kept = Kept::default();
    let guard = kept.begin();
    for name in names("answers") {
        let (status, body) = (status_of(&name), text("answers", &name));
        let id = "x-request-id: req_Example\r\n";
        let twice = Act::WriteAndClose(answer(status, id, &body));
        let server = Server::acting([twice.clone(), twice]);
        connector(&server.url).collect(&collection()).await;
        connector(&answering(status, id, &body).url).look_up(&reference()).await;
        drop(
            connector(&answering(status, id, &body).url).payments(Timestamp::from_millis(0), None).await.said,
        );
    }
    connector(&Server::acting([Act::CloseUnread]).url).collect(&collection()).await;
    drop(guard);
    let logged = kept.text();
    for expected in
        ["req_Example", "refuses our API key", "missing_version_header", "no answer to a payment request"]
    {
        assert!(logged.contains(expected), "{expected} is missing from {logged}");
    }
    for secret in [API_KEY, "MD0EXAMPLE", "winter-example", "capability", "invented message"] {
        assert!(!logged.contains(secret), "{secret} was logged");
    }
}

#[test]
fn a_connector_prints_where_it_calls_and_nothing_else() {
    let printed = format!("{:?}", connector("http://127.0.0.1:12111"));
    assert_eq!(printed, "GoCardlessConnector { base_url: \"http://127.0.0.1:12111/\", .. }");
}
