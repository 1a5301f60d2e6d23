//! What a bank took back, and gave back: a dispute of ours, told by the payment's events.

use app::ports::{Fault, PaymentProvider};
use domain::ids::ProviderReference;
use domain::takings::{DisputeNews, DisputeStatus, Withdrawal};
use serde_json::json;

use crate::fixtures::{altered, connector, events_of, gbp, id, reference, text};
use crate::server::{Act, Server, answer};

const OURS: (&str, &str) = ("payment", "PM0EXAMPLE0001");
const CAME: [&str; 4] = ["created", "submitted", "confirmed", "paid_out"];

async fn look_up(time: u32, status: &str, more: &[&str]) -> Option<DisputeNews> {
    let payment = altered("answers", "payment.confirmed", "/payments/status", json!(status));
    let events = events_of(OURS, &[&CAME[..], more].concat());
    let server = Server::acting([Act::WriteAndClose(answer(200, "", &payment)), events]);
    let dispute = ProviderReference::of_taken_back(&reference(), time);
    let found = connector(&server.url).look_up_dispute(&dispute).await.said.unwrap();
    let lines: Vec<String> =
        server.requests().iter().map(|one| one.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        ["GET /payments/PM0EXAMPLE0001 HTTP/1.1", "GET /events?payment=PM0EXAMPLE0001&limit=500 HTTP/1.1"]
    );
    if let Some(news) = &found {
        assert_eq!((&news.reference, &news.payment), (&dispute, &reference()));
        assert_eq!(news.withdrawn, Some(Withdrawal { amount: gbp(2500), fee: None }));
        assert_eq!(news.reinstated, news.withdrawn.filter(|_| news.status == DisputeStatus::Won));
    }
    found
}

async fn stands(time: u32, status: &str, more: &[&str]) -> Option<DisputeStatus> {
    look_up(time, status, more).await.map(|news| news.status)
}

#[tokio::test]
async fn each_time_that_a_bank_took_a_payment_back_is_a_dispute_that_is_lost_until_it_gave_it_back() {
    use DisputeStatus::{Lost, Won};
    let taken = ["charged_back", "chargeback_settled"];
    let cancelled = ["charged_back", "chargeback_cancelled"];
    let again = [&cancelled[..], &taken].concat();
    let retried = ["failed", "resubmission_requested", "submitted", "confirmed"];
    for (status, more, expected) in [
        ("paid_out", &[][..], [None, None]),
        ("charged_back", &taken, [Some(Lost), None]),
        // The status is ahead of the events, or behind them.
        ("charged_back", &[], [Some(Lost), None]),
        ("paid_out", &taken, [Some(Lost), None]),
        ("failed", &["failed", "late_failure_settled"], [Some(Lost), None]),
        ("confirmed", &cancelled, [Some(Won), None]),
        ("charged_back", &again, [Some(Won), Some(Lost)]),
        ("charged_back", &cancelled, [Some(Won), Some(Lost)]),
        ("confirmed", &retried, [Some(Won), None]),
    ] {
        let found = [stands(1, status, more).await, stands(2, status, more).await];
        assert_eq!(found, expected, "{status} {more:?}");
    }
}

#[tokio::test]
async fn a_dispute_that_is_none_of_ours_or_of_no_payment_is_not_there() {
    let server = Server::acting([]);
    assert_eq!(connector(&server.url).look_up_dispute(&id("du_1")).await.said.unwrap(), None);
    assert!(server.requests().is_empty(), "nobody is asked");
    let gone = answer(404, "", &text("answers", "error.404.resource_not_found"));
    let server = Server::acting([Act::WriteAndClose(gone)]);
    let dispute = ProviderReference::of_taken_back(&reference(), 1);
    assert_eq!(connector(&server.url).look_up_dispute(&dispute).await.said.unwrap(), None);
}

#[tokio::test]
async fn what_cannot_be_read_is_a_fault() {
    let payment = || Act::WriteAndClose(answer(200, "", &text("answers", "payment.charged_back")));
    for acts in [
        vec![Act::CloseUnread],
        vec![Act::WriteAndClose(answer(503, "", ""))],
        vec![payment(), Act::CloseUnread],
        vec![Act::WriteAndClose(answer(
            200,
            "",
            &altered("answers", "payment.charged_back", "/payments/amount", json!(null)),
        ))],
    ] {
        let server = Server::acting(acts);
        let dispute = ProviderReference::of_taken_back(&reference(), 1);
        let fault = connector(&server.url).look_up_dispute(&dispute).await.said.unwrap_err();
        assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
    }
}
