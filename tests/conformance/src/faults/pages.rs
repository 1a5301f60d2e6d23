//! Queries whose answer comes in pages, empty ones among them: they are read to their end and no further.

use adapters_aws::{DynamoDonations, DynamoJournal};
use app::ports::{Donations, Journal, Posted};
use contracts::stored::{EntryItem, LEDGER_SHARDS, day_partition};
use domain::ids::DonationId;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::calls::{AdapterCall, Ended, Kind, Service};
use super::server::{Act, Request, Server, answer};
use crate::adapters::OnAws;
use crate::adapters::aws::connect_apart;
use crate::fixtures::NOON;
use crate::fixtures::donations::id;
use crate::fixtures::entries::{DAY, large};
use crate::running::{block_on, persistently, run};
use crate::suites::assert_permanent;
use crate::suites::journal::{JournalWorld, sorted};

/// Entries of one shard whose items are more than one page together.
const MORE_THAN_A_PAGE: usize = 900;

/// The keys of the donation with this number in the index.
fn key(number: u32) -> Value {
    json!({ "id": { "S": id(number).as_str() }, "owed_shard": { "N": "5" }, "next_check_at": { "N": "1" } })
}

/// A page with these donations, and more to come after the last one named.
fn page(numbers: &[u32], more_after: Option<u32>) -> Vec<u8> {
    let items: Vec<_> = numbers.iter().map(|&number| key(number)).collect();
    let mut page = json!({ "Items": items, "Count": items.len() });
    if let Some(number) = more_after {
        page["LastEvaluatedKey"] = key(number);
    }
    answer(200, "content-type: application/x-amz-json-1.0\r\n", &page.to_string())
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

#[test]
fn what_is_owed_is_read_page_after_page_until_there_is_no_more() {
    let (ids, requests) = owed(10, [page(&[1, 2], Some(2)), page(&[], Some(9)), page(&[3], None)]);
    assert_eq!(ids, [id(1), id(2), id(3)]);
    assert_eq!(requests.len(), 3);
    let asked: Vec<_> = requests.iter().map(body).collect();
    assert_eq!(asked[0].get("ExclusiveStartKey"), None);
    assert_eq!((&asked[1]["ExclusiveStartKey"], &asked[2]["ExclusiveStartKey"]), (&key(2), &key(9)));
    assert_eq!([&asked[0]["Limit"], &asked[1]["Limit"], &asked[2]["Limit"]], [10, 8, 8]);
}

#[test]
fn what_is_owed_is_read_no_further_than_asked_for() {
    let (ids, requests) = owed(3, [page(&[1, 2], Some(2)), page(&[3], Some(3)), page(&[4], None)]);
    assert_eq!((ids.len(), requests.len()), (3, 2));
    assert_eq!(body(&requests[1])["Limit"], 1);
}

/// Asks for what is owed in shard 5 of a service that gives these pages.
fn owed(limit: u16, pages: [Vec<u8>; 3]) -> (Vec<DonationId>, Vec<Request>) {
    block_on(async {
        let server = Server::acting(move |earlier, _| Act::Answer(pages[earlier].clone())).await;
        let donations = DynamoDonations::new(&connect_apart(&server.url), "donations");
        let ids = donations.owed(5, NOON, limit).await.unwrap();
        (ids, server.requests())
    })
}

/// What is decided upon must be what was written last, which DynamoDB promises only where it is asked for.
#[test]
fn every_read_that_is_decided_upon_is_asked_for_consistently() {
    let reads = [AdapterCall::LoadDonation, AdapterCall::LoadNotification, AdapterCall::ReadEntries];
    block_on(async {
        for call in reads {
            let server = Server::always(Act::Answer(answer(200, "", "{}"))).await;
            let (ended, chain) = call.perform(&connect_apart(&server.url)).await;
            assert_eq!(ended, Ended::Done, "{chain}");
            assert!(
                server.requests().iter().all(|request| body(request)["ConsistentRead"] == true),
                "{call:?}"
            );
        }
    });
}

/// A check that sees half of what there is would see too few declines.
#[test]
fn sightings_that_are_not_all_read_are_a_transient_fault() {
    let left = json!({ "limits": { "Keys": [{ "id": { "S": "everybody#1" } }] } });
    let half = json!({ "Responses": { "limits": [] }, "UnprocessedKeys": left });
    block_on(async {
        let server = Server::always(Act::Answer(answer(200, "", &half.to_string()))).await;
        let (ended, chain) = AdapterCall::ReadSightings.perform(&connect_apart(&server.url)).await;
        assert_eq!(ended, Ended::Fault(Kind::Transient), "{chain}");
        let asked = &body(&server.requests()[0])["RequestItems"]["limits"];
        assert_eq!((&asked["ConsistentRead"], asked["Keys"].as_array().unwrap().len()), (&json!(true), 4));
    });
}

#[test]
fn a_page_that_is_not_understood_is_a_permanent_fault_that_repeats_nothing_of_it() {
    let item = json!({ "id": { "S": "ada@example.org" }, "owed_shard": { "N": "5" } });
    let page = answer(200, "", &json!({ "Items": [item] }).to_string());
    block_on(async {
        let server = Server::always(Act::Answer(page)).await;
        let donations = DynamoDonations::new(&connect_apart(&server.url), "donations");
        let fault = donations.owed(5, NOON, 10).await.unwrap_err();
        assert_permanent(&fault, &["read what is owed"]);
        assert!(!fault.chain().contains("ada"), "{}", fault.chain());
    });
}

/// The first page of every shard is empty and says that there is more; what follows it is `then`.
async fn journal_of_pages(then: Vec<u8>) -> (Server, DynamoJournal) {
    let more = json!({ "Items": [], "LastEvaluatedKey": { "pk": { "S": "a" }, "sk": { "S": "b" } } });
    let more = answer(200, "", &more.to_string());
    let act = move |_, request: &Request| match body(request).get("ExclusiveStartKey") {
        None => Act::Answer(more.clone()),
        Some(key) => {
            assert_eq!(*key, json!({ "pk": { "S": "a" }, "sk": { "S": "b" } }));
            Act::Answer(then.clone())
        }
    };
    let server = Server::acting(act).await;
    let journal = DynamoJournal::new(&connect_apart(&server.url), "ledger");
    (server, journal)
}

#[test]
fn every_shard_of_a_day_is_read_page_after_page() {
    block_on(async {
        let (server, journal) = journal_of_pages(answer(200, "", "{\"Items\":[]}")).await;
        assert_eq!(journal.entries_on(DAY).await.unwrap(), []);
        assert_eq!(server.requests().len(), 2 * usize::from(LEDGER_SHARDS));
    });
}

#[test]
fn a_fault_in_a_later_page_is_not_taken_for_the_end_of_the_day() {
    block_on(async {
        let refusal = Service::DynamoDb.refusal(400, "AccessDeniedException");
        let (server, journal) = journal_of_pages(refusal).await;
        assert_permanent(&journal.entries_on(DAY).await.unwrap_err(), &["AccessDenied"]);
        assert_eq!(server.requests().len(), 2);
    });
}

/// With the real engine: more than a megabyte in one shard, the most that one answer of DynamoDB holds.
#[test]
fn a_day_of_more_than_one_page_is_read_to_its_end() {
    run(async |world: &OnAws| {
        let journal = world.journal();
        let first_shard = day_partition(DAY, 0);
        let entries = (0_u32..).map(|number| large(id(number)));
        let entries = entries.filter(|entry| EntryItem::from(entry).pk == first_shard);
        let entries: Vec<_> = entries.take(MORE_THAN_A_PAGE).collect();
        for some in entries.chunks(10) {
            // On a busy machine an answer may come too late; the entry is then known the next time.
            let post = some.iter().map(|entry| persistently(async || journal.post(entry).await));
            assert!(join_all(post).await.iter().all(|posted| *posted != Posted::Conflict));
        }
        assert!(sorted(journal.entries_on(DAY).await.unwrap()) == sorted(entries));
        let requests = world.local.counters().requests.into_iter();
        let queries = requests.filter(|row| row.operation == "dynamodb:Query").map(|row| row.count);
        assert_eq!(queries.sum::<u64>(), u64::from(LEDGER_SHARDS) + 1, "one shard has two pages");
    });
}
