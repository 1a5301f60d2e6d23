//! One row per answer: what it shows of Stripe itself, and whether the same call may be made again in a
//! moment.

use app::ports::{Credentials, Fault, PaymentProvider, ProviderCredentials, Sign};
use domain::time::Timestamp;

use crate::fixtures::{collection, connector, connector_of, impatient_connector, reference, taken, text};
use crate::server::{Act, Server, answering};

const RETRY: &str = "stripe-should-retry: true\r\n";
const NO_RETRY: &str = "stripe-should-retry: false\r\n";

async fn seen(status: u16, headers: &str, body: &str) -> (Sign, bool) {
    let server = answering(status, headers, body);
    let watched = connector(&server.url).collect(&collection()).await;
    (watched.sign, watched.again)
}

#[tokio::test]
async fn each_answer_shows_how_stripe_is() {
    let rows = [
        ("payment_intent.succeeded", 200, Sign::Well),
        ("payment_intent.processing", 200, Sign::Well),
        ("error.402.stolen_card", 402, Sign::Well),
        ("error.400.amount_too_small", 400, Sign::Well),
        ("error.400.idempotency_error", 400, Sign::Well),
        ("error.401.api_key_invalid", 401, Sign::Nothing),
        ("error.403.permission", 403, Sign::Nothing),
        ("error.500.api_error", 500, Sign::Failing),
    ];
    for (name, status, sign) in rows {
        for headers in ["", RETRY, NO_RETRY] {
            let answer = seen(status, headers, &text("answers", name)).await;
            assert_eq!(answer, (sign, false), "{name} {headers}");
        }
    }
}

#[tokio::test]
async fn a_limit_of_the_account_is_everybody_s_and_a_busy_object_is_not() {
    let rows = [
        ("error.429.rate_limit", 429, "", Sign::TooMany),
        ("error.429.rate_limit", 429, "stripe-rate-limited-reason: global-rate\r\n", Sign::TooMany),
        ("error.429.rate_limit", 429, "stripe-rate-limited-reason: endpoint-concurrency\r\n", Sign::TooMany),
        ("error.429.rate_limit", 429, "stripe-rate-limited-reason: resource-specific\r\n", Sign::Well),
        ("error.429.lock_timeout", 429, "", Sign::Well),
        ("error.409.idempotency_key_in_use", 409, "", Sign::Well),
    ];
    for (name, status, headers, sign) in rows {
        let body = text("answers", name);
        assert_eq!(seen(status, headers, &body).await, (sign, true), "{name} {headers}");
        let asked_to_leave_it = seen(status, &format!("{headers}{NO_RETRY}"), &body).await;
        assert_eq!(asked_to_leave_it, (sign, false), "{name} {headers}");
        let invited = seen(status, &format!("{headers}{RETRY}"), &body).await;
        assert_eq!(invited, (sign, true), "{name} {headers}");
    }
    assert_eq!(seen(429, "", "too many").await, (Sign::TooMany, true), "whatever its body is");
    assert!(!seen(409, "", "no error").await.1, "who knows what this is about");
}

#[tokio::test]
async fn what_was_stored_long_ago_shows_nothing_of_today() {
    let replayed = "idempotent-replayed: true\r\n";
    assert_eq!(seen(500, replayed, &text("answers", "error.500.api_error")).await, (Sign::Nothing, false));
    assert_eq!(seen(200, replayed, &taken()).await, (Sign::Well, false));
}

#[tokio::test]
async fn no_answer_and_no_readable_one_show_that_something_fails() {
    let half = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{".to_vec();
    for act in [Act::CloseUnread, Act::Reset, Act::WriteAndClose(half), Act::WriteAndStall(vec![])] {
        let server = Server::acting([act.clone(), act.clone(), act.clone()]);
        let connector = impatient_connector(&server.url);
        let collected = connector.collect(&collection()).await;
        assert_eq!((collected.sign, collected.again), (Sign::Failing, false), "{act:?}");
        assert_eq!(connector.look_up(&reference()).await.sign, Sign::Failing, "{act:?}");
        let found = connector.payments(Timestamp::from_millis(0), None).await;
        assert_eq!((found.sign, found.said.is_err()), (Sign::Failing, true), "{act:?}");
    }
    assert_eq!(seen(200, "", "<html>welcome to the network</html>").await, (Sign::Failing, false));
}

#[tokio::test]
async fn a_list_that_was_read_shows_that_all_is_well() {
    let server = answering(200, "", &text("answers", "payment_intents.list.empty"));
    let found = connector(&server.url).payments(Timestamp::from_millis(0), None).await;
    assert_eq!((found.sign, found.said.unwrap().payments), (Sign::Well, vec![]));
}

/// Credentials that cannot be had.
struct Lost;

impl ProviderCredentials for Lost {
    async fn credentials(&self) -> Result<Credentials, Fault> {
        Err(Fault::transient("read the credentials", "no answer"))
    }
}

#[tokio::test]
async fn a_connection_that_is_refused_is_the_provider_s_failing_and_a_lost_key_is_ours() {
    // Bound and not listening, so that no other test is given the port meanwhile.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind((std::net::Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    assert_eq!(connector(&url).collect(&collection()).await.sign, Sign::Failing);
    let ours = connector_of(&url, Lost, adapters_providers::stripe::StripeTimeouts::STANDARD);
    assert_eq!(ours.collect(&collection()).await.sign, Sign::Nothing);
}
