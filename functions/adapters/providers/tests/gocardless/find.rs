use app::ports::{Fault, PaymentProvider};
use domain::payment::PaymentOutcome;
use domain::time::Timestamp;
use serde_json::{Value, json};

use crate::fixtures::{captured, impatient_connector, processing, text};
use crate::listed::found_at;
use crate::server::{Act, Server, answer, answering};

const SINCE: Timestamp = Timestamp::from_millis(1_795_204_800_999);

fn page(name: &str) -> Act {
    Act::WriteAndClose(answer(200, "", &text("answers", name)))
}

fn page_of(payments: &[Value], after: Option<&str>) -> Act {
    let meta = json!({ "cursors": { "before": null, "after": after }, "limit": 500 });
    Act::WriteAndClose(answer(200, "", &json!({ "payments": payments, "meta": meta }).to_string()))
}

fn payment(name: &str) -> Value {
    let answer: Value = serde_json::from_str(&text("answers", name)).unwrap();
    answer["payments"].clone()
}

async fn found(acts: impl IntoIterator<Item = Act>) -> Result<Option<PaymentOutcome>, Fault> {
    let server = Server::acting(acts);
    found_at(&server.url, SINCE).await
}

#[tokio::test]
async fn the_list_is_read_page_by_page_until_the_money_is_found() {
    let server = Server::acting([page("payments.list.first_page"), page("payments.list.last_page")]);
    let outcome = found_at(&server.url, SINCE).await.unwrap();
    assert_eq!(outcome, Some(captured(2500)));
    let lines: Vec<String> =
        server.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    assert_eq!(
        lines,
        [
            "GET /payments?created_at%5Bgte%5D=2026-11-20T20%3A00%3A00.999Z&limit=500 HTTP/1.1",
            "GET /payments?created_at%5Bgte%5D=2026-11-20T20%3A00%3A00.999Z&limit=500\
             &after=PM0EXAMPLE0007 HTTP/1.1",
        ]
    );
}

#[tokio::test]
async fn a_complete_list_without_the_donation_proves_absence() {
    assert_eq!(found([page("payments.list.empty")]).await.unwrap(), None);
    let others = [json!({ "id": "PMa" }), json!({ "id": "PMb", "metadata": { "donation_id": "x" } })];
    assert_eq!(found([page_of(&others, Some("PMb")), page_of(&others[..1], None)]).await.unwrap(), None);
}

#[tokio::test]
async fn of_several_payments_the_one_that_says_most_is_taken() {
    let ladder = ["payment.cancelled", "payment.failed", "payment.submitted", "payment.charged_back"];
    for pair in ladder.windows(2) {
        let (weaker, stronger) = (payment(pair[0]), payment(pair[1]));
        let alone = found([page_of(std::slice::from_ref(&stronger), None)]).await.unwrap();
        let first = found([page_of(&[weaker.clone(), stronger.clone()], None)]).await.unwrap();
        let last = found([page_of(&[stronger], Some("next")), page_of(&[weaker], None)]).await;
        assert_eq!(first, alone, "{pair:?}");
        assert_eq!(last.unwrap(), alone, "{pair:?}");
    }
    let submitted = found([page_of(&[payment(ladder[2])], None)]).await.unwrap();
    assert_eq!(submitted, Some(processing()));
    let gone = found([page_of(&[payment(ladder[3])], None)]).await.unwrap();
    assert_eq!(gone, Some(captured(2500)), "what a bank took back was there before");
}

#[tokio::test]
async fn a_list_that_is_not_read_to_its_end_proves_nothing() {
    let one = [json!({ "id": "PMa" })];
    let body = |text: &str| vec![Act::WriteAndClose(answer(200, "", text))];
    for (acts, says) in [
        (vec![page_of(&one, Some("PMa")), page_of(&one, Some("PMa"))], "goes on"),
        (vec![page_of(&[], Some("PMa"))], "goes on"),
        (vec![page_of(&one, Some("PMa")), Act::WriteAndClose(vec![])], "connection was lost"),
        (body("{\"payments\":[]}"), "cannot be read"),
        (body("{\"payments\":[],\"meta\":{}}"), "cannot be read"),
        (body("{\"payments\":[],\"meta\":{\"cursors\":{\"before\":null}}}"), "cannot be read"),
        (body(""), "cannot be read"),
        (
            vec![Act::WriteAndClose(b"HTTP/1.1 200 X\r\ncontent-length: 9\r\n\r\n{".to_vec())],
            "not arrive whole",
        ),
        (vec![Act::WriteAndClose(answer(429, "", ""))], "429"),
        (vec![Act::WriteAndClose(answer(503, "", ""))], "503"),
    ] {
        let fault = found(acts).await.unwrap_err();
        let transient = matches!(fault, Fault::Transient { .. });
        assert!(transient && fault.chain().contains(says), "{}", fault.chain());
    }
}

#[tokio::test]
async fn a_refused_key_needs_somebody_to_mend_it() {
    for status in [401, 403] {
        let server = answering(status, "", "");
        let fault = found_at(&server.url, SINCE).await.unwrap_err();
        assert!(matches!(fault, Fault::Permanent { .. }), "{}", fault.chain());
    }
}

#[tokio::test]
async fn a_silent_list_is_given_up() {
    let server = Server::acting([Act::WriteAndStall(vec![])]);
    let fault = impatient_connector(&server.url).payments(SINCE, None).await.said.unwrap_err();
    assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
}
