//! One row per answer: what it shows of GoCardless itself, and whether the same call may be made again in a moment.

use app::ports::{Credentials, Fault, PaymentProvider, ProviderCredentials, Sign};
use domain::time::Timestamp;

use crate::fixtures::{
    collection, connector, connector_of, impatient_connector, names, reference, status_of, text,
};
use crate::server::{Act, Server, answer, answering};

const EPOCH: Timestamp = Timestamp::from_millis(0);

fn expected(status: u16) -> (Sign, bool) {
    match status {
        429 => (Sign::TooMany, true),
        401 | 403 => (Sign::Nothing, false),
        500.. => (Sign::Failing, false),
        _ => (Sign::Well, false),
    }
}

#[tokio::test]
async fn each_kept_answer_shows_how_gocardless_is() {
    for name in names("answers") {
        let status = status_of(&name);
        let act = Act::WriteAndClose(answer(status, "", &text("answers", &name)));
        // A conflict of keys is followed, and then the second answer shows it.
        let server = Server::acting([act.clone(), act]);
        let watched = connector(&server.url).collect(&collection()).await;
        assert_eq!((watched.sign, watched.again), expected(status), "{name}");
        assert_eq!(watched.said.card, None);
    }
}

#[tokio::test]
async fn a_payment_that_was_made_before_and_cannot_be_read_for_the_limiter_is_not_asked_for_again() {
    let conflict = text("answers", "error.409.idempotent_creation_conflict");
    let limit = text("answers", "error.429.rate_limit_exceeded");
    let acts =
        [(409, conflict), (429, limit)].map(|(status, body)| Act::WriteAndClose(answer(status, "", &body)));
    let watched = connector(&Server::acting(acts).url).collect(&collection()).await;
    assert_eq!((watched.sign, watched.again), (Sign::TooMany, false));
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
        let found = connector.payments(EPOCH, None).await;
        assert_eq!((found.sign, found.said.is_err()), (Sign::Failing, true), "{act:?}");
    }
    let page = answering(200, "", "<html>welcome to the network</html>");
    assert_eq!(connector(&page.url).collect(&collection()).await.sign, Sign::Failing);
}

#[tokio::test]
async fn a_list_that_was_read_shows_that_all_is_well() {
    let empty = answering(200, "", &text("answers", "payments.list.empty"));
    let found = connector(&empty.url).payments(EPOCH, None).await;
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
async fn a_key_that_is_lost_shows_nothing_of_gocardless() {
    let ours = connector_of("http://127.0.0.1:1", Lost, adapters_providers::CallTimeouts::STANDARD);
    assert_eq!(ours.collect(&collection()).await.sign, Sign::Nothing);
}
