use app::ports::PaymentProvider;

use crate::fixtures::{API_KEY, collection, connector, taken};
use crate::server::answering;

#[tokio::test]
async fn a_payment_is_asked_for_in_one_request_that_is_the_same_every_time() {
    let mut sent = Vec::new();
    for _ in 0..2 {
        let server = answering(201, "", &taken());
        connector(&server.url).collect(&collection()).await;
        let requests = server.requests();
        assert_eq!(requests.len(), 1);
        sent.push(requests[0].replace(server.url.trim_start_matches("http://"), "HOST"));
    }
    assert_eq!(sent[0], sent[1]);
    let (head, body) = sent[0].split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<&str> = head.lines().collect();
    lines[1..].sort_unstable();
    let authorization = format!("authorization: Bearer {API_KEY}");
    let agent = concat!("user-agent: outpour/", env!("CARGO_PKG_VERSION"));
    let length = format!("content-length: {}", body.len());
    assert_eq!(
        lines,
        [
            "POST /payments HTTP/1.1",
            "accept: application/json",
            authorization.as_str(),
            length.as_str(),
            "content-type: application/json",
            "gocardless-version: 2015-07-06",
            "host: HOST",
            "idempotency-key: adaexampledonation22222222-1",
            agent,
        ]
    );
    assert_eq!(
        body,
        "{\"payments\":{\"amount\":2500,\"currency\":\"GBP\",\"links\":{\"mandate\":\"MD0EXAMPLE0001\"},\
         \"metadata\":{\"appeal\":\"winter-example\",\"donation_id\":\"adaexampledonation22222222\"},\
         \"retry_if_possible\":false}}"
    );
}
