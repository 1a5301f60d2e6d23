//! S3.

use aws_sdk_s3::{primitives::ByteStream, types::ChecksumAlgorithm};

use crate::setup::{Clients, Stack, code};

async fn read(clients: &Clients, key: &str) -> Option<Vec<u8>> {
    match clients.s3.get_object().bucket("exports").key(key).send().await {
        Ok(object) => Some(object.body.collect().await.unwrap().to_vec()),
        Err(error) => {
            assert_eq!(code(&error), "NoSuchKey");
            None
        }
    }
}

#[tokio::test]
async fn an_object_comes_back_as_it_was_put_with_the_checksum_that_the_sdk_sends() {
    let stack = Stack::start().await;
    let bytes: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Sha256] {
        let key = format!("2026/11/20/{algorithm}.csv");
        let put = stack.clients.s3.put_object().bucket("exports").key(&key).content_type("text/csv");
        let put = put.checksum_algorithm(algorithm.clone()).body(ByteStream::from(bytes.clone()));
        let output = put.send().await.unwrap();
        let echoed = [output.checksum_crc32(), output.checksum_sha256()];
        assert!(echoed.into_iter().flatten().next().is_some(), "the endpoint tells the checksum it took");
        assert_eq!(read(&stack.clients, &key).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn a_put_whose_checksum_is_wrong_is_refused_and_leaves_what_was_there() {
    let stack = Stack::start().await;
    let put = |bytes: &'static [u8]| {
        stack.clients.s3.put_object().bucket("exports").key("a/b.csv").body(ByteStream::from_static(bytes))
    };
    let wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    put(b"bad").checksum_sha256(wrong).send().await.unwrap_err();
    assert_eq!(read(&stack.clients, "a/b.csv").await, None);
    put(b"good").send().await.unwrap();
    put(b"bad").checksum_sha256(wrong).send().await.unwrap_err();
    assert_eq!(read(&stack.clients, "a/b.csv").await.unwrap(), b"good");
}

#[tokio::test]
async fn of_eight_puts_on_a_free_key_one_succeeds() {
    let stack = Stack::start().await;
    let puts = (0..8_u8).map(|by| {
        let put = stack.clients.s3.put_object().bucket("exports").key("manifest.json").if_none_match("*");
        put.body(ByteStream::from(vec![by; 10])).send()
    });
    let answers = futures_util::future::join_all(puts).await;
    let winners: Vec<usize> = (0..8).filter(|by| answers[*by].is_ok()).collect();
    assert_eq!(winners.len(), 1);
    for error in answers.into_iter().filter_map(Result::err) {
        assert_eq!(code(&error), "PreconditionFailed");
    }
    assert_eq!(usize::from(read(&stack.clients, "manifest.json").await.unwrap()[0]), winners[0]);
}

#[tokio::test]
async fn buckets_and_keys_that_are_none_are_refused() {
    let stack = Stack::start().await;
    let put = |bucket: &str, key: &str| {
        stack.clients.s3.put_object().bucket(bucket).key(key).body(ByteStream::from_static(b"x")).send()
    };
    assert_eq!(code(&put("imports", "a").await.unwrap_err()), "NoSuchBucket");
    for key in ["../outside", "a/../../outside", "/etc/outpour-test", "a//b"] {
        put("exports", key).await.expect_err(key);
    }
    let list = stack.clients.s3.list_objects_v2().bucket("exports").send().await.unwrap();
    assert!(list.contents().is_empty());
}
