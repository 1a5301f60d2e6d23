//! AWS's error codes: which of them say "not now".

use futures_util::future::join_all;

use super::calls::{ANSWERED, AdapterCall, Ended, Kind};
use super::server::{Act, Server};
use crate::adapters::aws::connect_apart;
use crate::running::block_on;

/// Codes that the SDKs try again themselves, so that the caller may as well (AWS SDKs and Tools Reference
/// Guide, "Retry behavior"), and what a fresh environment or a corrected clock mends. All come with a status
/// below 500.
const NOT_NOW: [&str; 17] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "RequestTimeout",
    "RequestTimeoutException",
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestTimeTooSkewed",
];

#[test]
fn every_code_that_says_not_now_is_transient_in_every_service() {
    block_on(async {
        let check = async |call, code: &str| {
            let transient = match call {
                AdapterCall::SendMail if code.starts_with("RequestTimeout") => {
                    Ended::MailUnknown(Kind::Transient)
                }
                AdapterCall::SendMail => Ended::NotSent(Kind::Transient),
                _ => Ended::Fault(Kind::Transient),
            };
            assert_eq!(refused(call, 400, code).await, transient, "{call:?} {code}");
        };
        for code in NOT_NOW {
            join_all(ANSWERED.map(|call| check(call, code))).await;
        }
    });
}

#[test]
fn a_mail_that_the_service_says_timed_out_may_have_been_sent() {
    block_on(async {
        let ended = refused(AdapterCall::SendMail, 408, "RequestTimeoutException").await;
        assert_eq!(ended, Ended::MailUnknown(Kind::Transient));
    });
}

#[test]
fn an_answer_without_a_code_goes_by_its_status() {
    block_on(async {
        let rows =
            [(400, Kind::Permanent), (408, Kind::Transient), (409, Kind::Transient), (429, Kind::Transient)];
        for (status, kind) in rows {
            assert_eq!(refused(AdapterCall::LoadDonation, status, "").await, Ended::Fault(kind), "{status}");
        }
    });
}

async fn refused(call: AdapterCall, status: u16, code: &str) -> Ended {
    let server = Server::always(Act::Answer(call.service().refusal(status, code))).await;
    // In a box of its own: all of them together would be too much for the stack of a test.
    let (ended, chain) = Box::pin(call.perform(&connect_apart(&server.url))).await;
    assert!(chain.contains(code), "{chain}");
    ended
}
