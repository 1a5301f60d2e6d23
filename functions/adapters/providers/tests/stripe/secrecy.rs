use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use app::ports::PaymentProvider;
use domain::time::Timestamp;
use tracing_subscriber::fmt::MakeWriter;

use crate::fixtures::{API_KEY, collection, connector, donation, names, reference, text};
use crate::server::{Act, Server, answering};

/// Keeps everything that is logged.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Kept {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn nothing_secret_is_ever_logged() {
    let kept = Kept::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(kept.clone()).finish();
    let guard = tracing::subscriber::set_default(subscriber);
    for name in names("answers") {
        let status = name.strip_prefix("error.").map_or(200, |rest| rest[..3].parse().unwrap());
        let body = text("answers", &name);
        let id = "request-id: req_Example\r\n";
        connector(&answering(status, id, &body).url).collect(&collection()).await;
        connector(&answering(status, id, &body).url).look_up(&reference()).await;
        drop(connector(&answering(status, id, &body).url).find(&donation(), Timestamp::from_millis(0)).await);
    }
    connector(&Server::acting([Act::CloseUnread]).url).collect(&collection()).await;
    drop(guard);
    let logged = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
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
