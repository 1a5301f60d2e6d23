//! One row per way in which a network can fail, the same for every provider: the fixtures beside say which one.

use std::time::Duration;

use adapters_providers::CallTimeouts;
use app::ports::{Credentials, Fault, PaymentProvider, ProviderCredentials};
use domain::payment::PaymentOutcome;

use crate::fixtures::{PAYMENTS_PATH, collection, connector, connector_of, impatient_connector, taken};
use crate::server::{Act, Server, answer, open_answer};

const LOST: PaymentOutcome = PaymentOutcome::Unknown { reason: "the connection was lost" };
const LATE: PaymentOutcome = PaymentOutcome::Unknown { reason: "the provider did not answer in time" };
const CUT: PaymentOutcome = PaymentOutcome::Unknown { reason: "the provider's answer did not arrive whole" };
const UNREADABLE: PaymentOutcome = PaymentOutcome::Unknown { reason: "the provider's answer cannot be read" };
const UNREADABLE_ERROR: PaymentOutcome =
    PaymentOutcome::Unknown { reason: "the provider's error cannot be read" };
const NO_CONNECTION: PaymentOutcome = PaymentOutcome::NotExecuted { reason: "no connection to the provider" };

/// A success of which only the first half is sent, though all of it is promised.
fn half() -> Vec<u8> {
    let mut bytes = answer(200, "", &taken());
    bytes.truncate(bytes.len() / 2);
    bytes
}

async fn outcome_of(act: Act) -> PaymentOutcome {
    let server = Server::acting([act]);
    connector(&server.url).collect(&collection()).await.said.outcome
}

async fn impatient_outcome_of(act: Act) -> PaymentOutcome {
    let server = Server::acting([act]);
    impatient_connector(&server.url).collect(&collection()).await.said.outcome
}

#[tokio::test]
async fn a_port_that_nobody_listens_on_was_sent_nothing() {
    // Bound and not listening, so that no other test is given the port meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    assert_eq!(connector(&url).collect(&collection()).await.said.outcome, NO_CONNECTION);
}

#[tokio::test]
async fn a_host_that_speaks_no_tls_was_sent_nothing() {
    let server = Server::acting([Act::WriteAndClose(answer(200, "", &taken()))]);
    let outcome = connector(&server.url.replace("http:", "https:")).collect(&collection()).await.said.outcome;
    assert_eq!(outcome, NO_CONNECTION);
}

#[tokio::test]
async fn a_connection_that_ends_before_an_answer_leaves_the_outcome_unknown() {
    assert_eq!(outcome_of(Act::CloseUnread).await, LOST, "closed before reading");
    assert_eq!(outcome_of(Act::Reset).await, LOST, "reset while reading");
    assert_eq!(outcome_of(Act::WriteAndClose(vec![])).await, LOST, "closed after reading");
    let head = b"HTTP/1.1 200 Example\r\ncontent-le".to_vec();
    assert_eq!(outcome_of(Act::WriteAndClose(head)).await, LOST, "closed within the head");
}

#[tokio::test]
async fn an_answer_that_is_not_http_leaves_the_outcome_unknown() {
    assert_eq!(outcome_of(Act::WriteAndClose(b"SSH-2.0-example\r\n".to_vec())).await, LOST);
    assert_eq!(outcome_of(Act::WriteAndClose(vec![0; 4096])).await, LOST);
}

#[tokio::test]
async fn an_old_connection_that_dies_under_a_request_leaves_the_outcome_unknown() {
    let server = Server::acting([
        Act::Write(open_answer(200, "", &taken())),
        Act::WriteAndClose(vec![]),
        Act::WriteAndClose(answer(200, "", &taken())),
    ]);
    let connector = connector(&server.url);
    assert!(matches!(connector.collect(&collection()).await.said.outcome, PaymentOutcome::Captured { .. }));
    assert_eq!(connector.collect(&collection()).await.said.outcome, LOST);
    assert_eq!(server.requests().len(), 2, "the lost request was not sent again behind our back");
}

#[tokio::test]
async fn a_silent_provider_leaves_the_outcome_unknown() {
    assert_eq!(impatient_outcome_of(Act::WriteAndStall(vec![])).await, LATE);
    assert_eq!(impatient_outcome_of(Act::WriteAndStall(half())).await, CUT);
}

#[tokio::test]
async fn a_success_that_is_cut_short_leaves_the_outcome_unknown() {
    assert_eq!(outcome_of(Act::WriteAndClose(half())).await, CUT, "shorter than its length");
    let chunked = "HTTP/1.1 200 Example\r\ntransfer-encoding: chunked\r\n\r\n6\r\n{\"id\":\r\n";
    assert_eq!(outcome_of(Act::WriteAndClose(chunked.into())).await, CUT, "no last chunk");
    let mut until_close = b"HTTP/1.1 200 Example\r\n\r\n".to_vec();
    until_close.extend_from_slice(&taken().as_bytes()[..400]);
    assert_eq!(outcome_of(Act::WriteAndClose(until_close)).await, UNREADABLE, "no length at all");
}

#[tokio::test]
async fn an_endless_answer_is_not_read_to_its_end() {
    let promised = b"HTTP/1.1 200 Example\r\ncontent-length: 104857600\r\n\r\n".to_vec();
    assert_eq!(outcome_of(Act::WriteAndFlood(promised)).await, CUT);
    let unbounded = b"HTTP/1.1 200 Example\r\n\r\n".to_vec();
    assert_eq!(outcome_of(Act::WriteAndFlood(unbounded)).await, CUT);
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_leaves_the_outcome_unknown() {
    let twice = format!("{}{}", taken(), taken());
    for body in ["", "{}", "[]", "null", "\u{feff}{}", "<html>a proxy's page</html>", &twice] {
        for status in [200, 201, 299] {
            assert_eq!(outcome_of(Act::WriteAndClose(answer(status, "", body))).await, UNREADABLE, "{body}");
        }
        for status in [400, 402, 404, 409, 422] {
            let outcome = outcome_of(Act::WriteAndClose(answer(status, "", body))).await;
            assert_eq!(outcome, UNREADABLE_ERROR, "{status} {body}");
        }
    }
    let not_text = [answer(200, "", "")[..].to_vec(), vec![]].concat();
    assert_eq!(outcome_of(Act::WriteAndClose(not_text)).await, UNREADABLE);
}

#[tokio::test]
async fn the_status_alone_decides_where_nothing_can_have_been_done() {
    let page = "<html>a proxy's page</html>";
    for status in [401, 403, 429] {
        let outcome = outcome_of(Act::WriteAndClose(answer(status, "", page))).await;
        assert!(matches!(outcome, PaymentOutcome::NotExecuted { .. }), "{status}: {outcome:?}");
    }
    for status in [500, 502, 503, 504, 599] {
        let outcome = outcome_of(Act::WriteAndClose(answer(status, "", page))).await;
        assert_eq!(outcome, PaymentOutcome::Unknown { reason: "the provider failed" }, "{status}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = Server::acting([Act::WriteAndClose(answer(200, "", &taken()))]);
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}{PAYMENTS_PATH}\r\n", other.url);
        let outcome = outcome_of(Act::WriteAndClose(answer(status, &location, ""))).await;
        assert!(matches!(outcome, PaymentOutcome::Unknown { .. }), "{status}: {outcome:?}");
    }
    assert_eq!(other.requests(), Vec::<String>::new());
}

/// Credentials that cannot be had, or never come.
enum Lacking {
    Faulty,
    Never,
}

impl ProviderCredentials for Lacking {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        match self {
            Self::Faulty => Err(Fault::transient("read a secret", "throttled")),
            Self::Never => std::future::pending().await,
        }
    }
}

#[tokio::test]
async fn without_a_key_nothing_is_sent() {
    let reasons = [
        (Lacking::Faulty, "the API key could not be read"),
        (Lacking::Never, "the API key could not be read in time"),
    ];
    for (credentials, reason) in reasons {
        let server = Server::acting([Act::WriteAndClose(answer(200, "", &taken()))]);
        let timeouts = CallTimeouts { credentials: Duration::from_millis(50), ..CallTimeouts::STANDARD };
        let outcome =
            connector_of(&server.url, credentials, timeouts).collect(&collection()).await.said.outcome;
        assert_eq!(outcome, PaymentOutcome::NotExecuted { reason });
        assert_eq!(server.requests(), Vec::<String>::new());
    }
}
