//! DynamoDB: the conditions, the index and the counts that the pipeline stands on.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::put_item::{PutItemError, PutItemOutput},
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure::AllOld},
};

use crate::setup::{Clients, FUNCTION, Stack, code};

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn number(value: u64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

async fn accept(clients: &Clients, id: &str, by: usize) -> Result<PutItemOutput, SdkError<PutItemError>> {
    let put = clients.dynamodb.put_item().table_name("donations");
    let put = put.item("id", text(id)).item("by", text(&by.to_string())).item("version", number(1));
    let put = put.condition_expression("attribute_not_exists(id)");
    put.return_values_on_condition_check_failure(AllOld).send().await
}

async fn read(clients: &Clients, id: &str) -> Option<HashMap<String, AttributeValue>> {
    let get = clients.dynamodb.get_item().table_name("donations").key("id", text(id)).consistent_read(true);
    get.send().await.unwrap().item
}

#[tokio::test]
async fn of_sixteen_conditional_puts_at_once_one_wins_and_the_others_are_shown_its_item() {
    let stack = Stack::start().await;
    let puts = (0..16).map(|by| accept(&stack.clients, "d1", by));
    let answers = futures_util::future::join_all(puts).await;
    let winner = answers.iter().position(Result::is_ok).unwrap();
    let kept = read(&stack.clients, "d1").await.unwrap();
    assert_eq!(kept["by"], text(&winner.to_string()));
    let losers: Vec<_> = answers.into_iter().filter_map(Result::err).collect();
    assert_eq!(losers.len(), 15);
    for loser in losers {
        let PutItemError::ConditionalCheckFailedException(failed) = loser.into_service_error() else {
            panic!("a loser is told that its condition failed");
        };
        assert_eq!(failed.item.unwrap(), kept);
    }
}

#[tokio::test]
async fn a_write_on_a_version_that_has_gone_by_is_refused_and_changes_nothing() {
    let stack = Stack::start().await;
    accept(&stack.clients, "d1", 1).await.unwrap();
    let write = |seen: u64, state: &str| {
        let put = stack.clients.dynamodb.put_item().table_name("donations").item("id", text("d1"));
        let put = put.item("version", number(seen + 1)).item("state", text(state));
        put.condition_expression("version = :seen").expression_attribute_values(":seen", number(seen)).send()
    };
    write(1, "captured").await.unwrap();
    let late = write(1, "declined").await.unwrap_err();
    assert_eq!(code(&late), "ConditionalCheckFailedException");
    let kept = read(&stack.clients, "d1").await.unwrap();
    assert_eq!((&kept["state"], &kept["version"]), (&text("captured"), &number(2)));
}

#[tokio::test]
async fn the_owed_index_holds_only_what_is_owed_in_the_order_of_its_time() {
    let stack = Stack::start().await;
    for (id, owed) in
        [("late", Some((3, 900))), ("settled", None), ("soon", Some((3, 100))), ("other", Some((4, 1)))]
    {
        let put = stack.clients.dynamodb.put_item().table_name("donations").item("id", text(id));
        let put = put.item("donor", text("Ada Example"));
        let put = match owed {
            Some((shard, at)) => put.item("owed_shard", number(shard)).item("next_check_at", number(at)),
            None => put,
        };
        put.send().await.unwrap();
    }
    let page = |from: Option<HashMap<String, AttributeValue>>| {
        let query = stack.clients.dynamodb.query().table_name("donations").index_name("owed").limit(1);
        let query = query.key_condition_expression("owed_shard = :shard AND next_check_at <= :now");
        let query = query.expression_attribute_values(":shard", number(3));
        query.expression_attribute_values(":now", number(1000)).set_exclusive_start_key(from).send()
    };
    let first = page(None).await.unwrap();
    assert_eq!(first.items()[0]["id"], text("soon"));
    assert!(!first.items()[0].contains_key("donor"), "the index holds keys only");
    let second = page(first.last_evaluated_key).await.unwrap();
    assert_eq!(second.items()[0]["id"], text("late"));
    let third = page(second.last_evaluated_key).await.unwrap();
    assert!(third.items().is_empty() && third.last_evaluated_key.is_none());
}

#[tokio::test]
async fn an_item_that_settles_leaves_the_owed_index() {
    let stack = Stack::start().await;
    let put = || stack.clients.dynamodb.put_item().table_name("donations").item("id", text("d1"));
    let owed = || {
        let query = stack.clients.dynamodb.query().table_name("donations").index_name("owed");
        let query = query.key_condition_expression("owed_shard = :shard");
        query.expression_attribute_values(":shard", number(0)).send()
    };
    put().item("owed_shard", number(0)).item("next_check_at", number(1)).send().await.unwrap();
    assert_eq!(owed().await.unwrap().count(), 1);
    put().send().await.unwrap();
    assert_eq!(owed().await.unwrap().count(), 0);
}

#[tokio::test]
async fn what_dynamodb_refuses_is_refused() {
    let stack = Stack::start().await;
    let put = || stack.clients.dynamodb.put_item().table_name("donations");
    let empty = put().item("id", text("")).send().await.unwrap_err();
    assert_eq!(code(&empty), "ValidationException");
    let long =
        put().item("id", text("d")).item("note", text(&"x".repeat(400 * 1024))).send().await.unwrap_err();
    assert_eq!(code(&long), "ValidationException");
    let unknown = stack.clients.dynamodb.get_item().table_name("gifts").key("id", text("d")).send().await;
    assert_eq!(code(&unknown.unwrap_err()), "ResourceNotFoundException");
}

#[tokio::test]
async fn calls_and_write_units_are_counted_under_the_callers_name() {
    let stack = Stack::start().await;
    accept(&stack.clients, "d1", 1).await.unwrap();
    accept(&stack.clients, "d1", 2).await.unwrap_err();
    let put = stack.clients.dynamodb.put_item().table_name("donations").item("id", text("d2"));
    let output = put.item("owed_shard", number(0)).item("next_check_at", number(1)).send().await.unwrap();
    assert!(output.consumed_capacity.is_none(), "the caller did not ask for it");
    let counters = stack.aws.counters();
    let request = counters.requests.iter().find(|row| row.operation == "dynamodb:PutItem").unwrap();
    assert_eq!((request.function.as_str(), request.count, request.failures), (FUNCTION, 3, 1));
    let action = &counters.actions[0];
    assert_eq!((action.action.as_str(), action.resource.as_str()), ("dynamodb:PutItem", "table:donations"));
    // One for each item, and one for the index that the second one stands in.
    assert_eq!(counters.write_units[0].units, 3);
}
