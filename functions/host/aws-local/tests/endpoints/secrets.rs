//! Secrets Manager.

use crate::setup::{SECRET, Stack, code};

#[tokio::test]
async fn a_secret_is_read_by_arn_and_by_name() {
    let stack = Stack::start().await;
    for id in ["arn:aws:secretsmanager:eu-west-2:000000000000:secret:capability-key", "capability-key"] {
        let read = stack.clients.secrets.get_secret_value().secret_id(id).send().await.unwrap();
        assert_eq!(read.secret_string(), Some(SECRET));
        assert_eq!(read.name(), Some("capability-key"));
        assert_eq!(read.version_stages(), ["AWSCURRENT"]);
    }
}

#[tokio::test]
async fn a_secret_that_was_not_given_does_not_exist_and_neither_does_an_old_version() {
    let stack = Stack::start().await;
    let get = || stack.clients.secrets.get_secret_value();
    let absent = get().secret_id("provider-stripe").send().await.unwrap_err();
    assert_eq!(code(&absent), "ResourceNotFoundException");
    let old = get().secret_id("capability-key").version_stage("AWSPREVIOUS").send().await.unwrap_err();
    assert_eq!(code(&old), "ResourceNotFoundException");
}
