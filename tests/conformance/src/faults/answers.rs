//! What each failing of a service is to the caller of each adapter.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::time::Instant;

use super::calls::{ANSWERED, AdapterCall, Ended, Kind, all};
use super::server::{Act, Nobody, Server, answer};
use crate::adapters::aws::connect_apart;
use crate::running::{block_on, block_on_still_clock};

/// What a mail is after a failing: sent for certain not, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mail {
    NotSent,
    Unknown,
}

/// One failing for every call: each to a server of its own, all at once.
fn check(kind: Kind, mail: Mail, act: impl Fn(AdapterCall) -> Act) {
    block_on(async {
        let act = &act;
        let checks = ANSWERED.map(|call| async move {
            let server = Server::always(act(call)).await;
            // In a box of its own: all of them together would be too much for the stack of a test.
            let (ended, chain) = Box::pin(call.perform(&connect_apart(&server.url))).await;
            assert_eq!(ended, expected(call, kind, mail), "{call:?}: {chain}");
            assert!(!chain.contains("ada@example.org"), "{call:?} tells who the donor is: {chain}");
            let requests = server.requests().len();
            let allowed = if kind == Kind::Permanent { 1 } else { call.requests_max() };
            assert!((1..=allowed).contains(&requests), "{call:?} made {requests} requests");
        });
        join_all(checks).await;
    });
}

fn expected(call: AdapterCall, kind: Kind, mail: Mail) -> Ended {
    match (call, mail) {
        (AdapterCall::SendMail, Mail::NotSent) => Ended::NotSent(kind),
        (AdapterCall::SendMail, Mail::Unknown) => Ended::MailUnknown(kind),
        _ => Ended::Fault(kind),
    }
}

#[test]
fn a_connection_that_cannot_be_had_is_transient_and_proves_that_no_mail_was_sent() {
    block_on(async {
        for call in all() {
            let nobody = Nobody::new();
            let started = Instant::now();
            let (ended, chain) = call.perform(&connect_apart(&nobody.url)).await;
            assert_eq!(ended, expected(call, Kind::Transient, Mail::NotSent), "{call:?}: {chain}");
            assert!(chain.contains("there is no connection"), "{chain}");
            assert!(started.elapsed() <= call.longest(), "{call:?}");
        }
    });
}

#[test]
fn an_error_of_the_services_own_is_transient_and_proves_nothing() {
    for (status, code) in [(500, "InternalServerError"), (502, "BadGateway"), (503, "ServiceUnavailable")] {
        check(Kind::Transient, Mail::Unknown, |call| Act::Answer(call.service().refusal(status, code)));
    }
}

#[test]
fn an_error_page_of_something_in_between_is_transient_and_proves_nothing() {
    let page = answer(503, "content-type: text/html\r\n", "<html><body>Service Unavailable</body></html>");
    check(Kind::Transient, Mail::Unknown, |_| Act::Answer(page.clone()));
}

#[test]
fn too_many_calls_are_transient_and_prove_that_no_mail_was_sent() {
    block_on(async {
        for call in ANSWERED {
            let (status, code) = call.service().throttle();
            let server = Server::always(Act::Answer(call.service().refusal(status, code))).await;
            let (ended, chain) = call.perform(&connect_apart(&server.url)).await;
            assert_eq!(ended, expected(call, Kind::Transient, Mail::NotSent), "{call:?}: {chain}");
            assert!(chain.contains(code), "{call:?}: {chain}");
        }
    });
}

#[test]
fn a_refusal_is_permanent_is_not_repeated_and_is_named_without_its_text() {
    for (status, code) in
        [(400, "ValidationException"), (403, "AccessDeniedException"), (404, "NotFoundException")]
    {
        check(Kind::Permanent, Mail::NotSent, |call| Act::Answer(call.service().refusal(status, code)));
    }
}

#[test]
fn a_connection_that_breaks_after_the_request_is_transient_and_proves_nothing() {
    check(Kind::Transient, Mail::Unknown, |_| Act::Reset);
    check(Kind::Transient, Mail::Unknown, |_| Act::AnswerAndClose(Vec::new()));
}

#[test]
fn half_an_answer_is_transient_and_proves_nothing() {
    let half = b"HTTP/1.1 500 Example\r\ncontent-length: 1000\r\n\r\n{\"__type\":".to_vec();
    check(Kind::Transient, Mail::Unknown, |_| Act::AnswerAndClose(half.clone()));
}

/// A put to S3 has nothing in its answer but the status, so there is nothing to be unreadable.
#[test]
fn a_success_that_cannot_be_read_is_transient_and_proves_nothing() {
    let page = answer(200, "content-type: text/html\r\n", "<html><body>Welcome to the network<body></html>");
    block_on(async {
        for call in ANSWERED.into_iter().filter(|call| *call != AdapterCall::KeepExport) {
            let server = Server::always(Act::Answer(page.clone())).await;
            let (ended, chain) = call.perform(&connect_apart(&server.url)).await;
            assert_eq!(ended, expected(call, Kind::Transient, Mail::Unknown), "{call:?}: {chain}");
        }
    });
}

/// On a clock that stands still, so that a minute passes at once and is measured exactly.
#[test]
fn a_service_that_never_answers_is_given_up_in_time_and_proves_nothing() {
    block_on_still_clock(async {
        for call in all() {
            let server = Server::always(Act::Hang).await;
            let started = Instant::now();
            let (ended, chain) = call.perform(&connect_apart(&server.url)).await;
            assert_eq!(ended, expected(call, Kind::Transient, Mail::Unknown), "{call:?}: {chain}");
            let took = started.elapsed();
            assert!(took <= call.longest() + Duration::from_millis(10), "{call:?} took {took:?}");
            assert!(took >= Duration::from_millis(200), "{call:?} took {took:?}");
        }
    });
}

/// The first try fails, the next ones do not: the caller hears of nothing, and a mail is not tried again.
#[test]
fn one_failure_is_mended_by_the_next_try() {
    block_on(async {
        for call in
            [AdapterCall::EnqueueNotification, AdapterCall::PublishEventPatiently, AdapterCall::KeepExport]
        {
            let failure = call.service().refusal(500, "InternalFailure");
            let success = match call {
                AdapterCall::EnqueueNotification => answer(200, "", "{\"MessageId\":\"invented\"}"),
                AdapterCall::PublishEventPatiently => answer(200, "", PUBLISHED),
                _ => answer(200, "", ""),
            };
            let act = move |earlier, _: &_| {
                Act::Answer(if earlier == 0 { failure.clone() } else { success.clone() })
            };
            let server = Server::acting(act).await;
            let (ended, chain) = call.perform(&connect_apart(&server.url)).await;
            assert_eq!((ended, server.requests().len()), (Ended::Done, 2), "{call:?}: {chain}");
        }
    });
}

const PUBLISHED: &str =
    "<PublishResponse><PublishResult><MessageId>invented</MessageId></PublishResult></PublishResponse>";
