//! What is not here says so: no request gets a success that it did not earn.

use aws_sdk_dynamodb::types::AttributeValue;
use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};

use crate::setup::{Clients, Stack, TOPIC, code, message};

const KEY: &str = "AWS4-HMAC-SHA256 Credential=local/20261120/eu-west-2/any/aws4_request";

/// Sends a request of our own making, and gives the status and the text of the answer.
async fn post(url: &str, headers: &[(&str, &str)], body: &str) -> (StatusCode, String) {
    let client: Client<HttpConnector, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let request =
        headers.iter().fold(Request::post(url), |request, (name, value)| request.header(*name, *value));
    let answer =
        client.request(request.body(Full::new(Bytes::from(body.to_owned()))).unwrap()).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn an_action_that_is_not_here_is_refused_by_its_name() {
    let stack = Stack::start().await;
    let Clients { dynamodb, sqs, sns, ses, s3, secrets, .. } = &stack.clients;
    let said = |error: &dyn Fn() -> String, name: &str| {
        assert!(error().contains(name), "{name} is not named in: {}", error());
    };
    let error =
        dynamodb.create_backup().table_name("donations").backup_name("copy").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "CreateBackup");
    let error = sqs.create_queue().queue_name("gifts").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "CreateQueue");
    let error = sns.create_topic().name("gifts").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "CreateTopic");
    let error = sns.set_topic_attributes().topic_arn(TOPIC).attribute_name("x").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "SetTopicAttributes");
    let error = ses.list_email_identities().send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "/v2/email/list-identities");
    let error = secrets.list_secrets().send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "ListSecrets");
    let error = s3.delete_bucket().bucket("exports").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "DeleteBucket");
    let error = s3.list_object_versions().bucket("exports").send().await.unwrap_err();
    said(&|| message(&error).to_owned(), "ListObjectVersions");
    assert!(stack.data.path().join("s3/exports").is_dir());
}

#[tokio::test]
async fn a_service_or_action_that_nobody_knows_is_refused_by_its_name() {
    let stack = Stack::start().await;
    for target in [
        "Kinesis_20131202.PutRecord",
        "AmazonSQS.TagQueue",
        "secretsmanager.RotateSecret",
        "DynamoDB_20120810.Imagine",
    ] {
        let headers = [
            ("authorization", KEY),
            ("x-amz-target", target),
            ("content-type", "application/x-amz-json-1.0"),
        ];
        let (status, text) = post(stack.aws.endpoint_url(), &headers, "{}").await;
        let action = target.rsplit('.').next().unwrap();
        assert_eq!(status, StatusCode::BAD_REQUEST, "{target}: {text}");
        assert!(text.contains(action), "{target}: {text}");
    }
    let headers = [("authorization", KEY), ("content-type", "application/x-www-form-urlencoded")];
    let (status, text) = post(stack.aws.endpoint_url(), &headers, "Action=Imagine").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("InvalidAction") && text.contains("Imagine"), "{text}");
    let (status, text) =
        post(&format!("{}/2015-03-31/functions", stack.aws.endpoint_url()), &headers, "").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("/2015-03-31/functions"), "{text}");
}

#[tokio::test]
async fn malformed_requests_get_an_answer() {
    let stack = Stack::start().await;
    let json = [("authorization", KEY), ("x-amz-target", "AmazonSQS.SendMessage")];
    for body in ["", "{", "[]", r#"{"QueueUrl":7}"#, r#"{"MessageBody":"x"}"#] {
        let (status, text) = post(stack.aws.endpoint_url(), &json, body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}: {text}");
        assert!(text.contains("SerializationException"), "{body}: {text}");
    }
    let secret = [("authorization", KEY), ("x-amz-target", "secretsmanager.GetSecretValue")];
    assert_eq!(post(stack.aws.endpoint_url(), &secret, "{}").await.0, StatusCode::BAD_REQUEST);
    let mail = format!("{}/v2/email/outbound-emails", stack.aws.endpoint_url());
    assert_eq!(post(&mail, &[("authorization", KEY)], "{}").await.0, StatusCode::BAD_REQUEST);
    let long = "x".repeat(17 * 1024 * 1024);
    assert_eq!(post(stack.aws.endpoint_url(), &json, &long).await.0, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_stranger_is_let_in_nowhere() {
    let stack = Stack::start().await;
    let clients =
        Clients::signed_as("stranger", "local", stack.aws.endpoint_url(), stack.aws.s3_endpoint_url());
    let id = AttributeValue::S("d1".to_owned());
    let error = clients.dynamodb.get_item().table_name("donations").key("id", id).send().await.unwrap_err();
    assert_eq!(code(&error), "UnrecognizedClientException");
    let error = clients.sqs.list_queues().send().await.unwrap_err();
    assert_eq!(code(&error), "InvalidClientTokenId");
    let error = clients.sns.list_topics().send().await.unwrap_err();
    assert_eq!(code(&error), "InvalidClientTokenId");
    let error = clients.secrets.get_secret_value().secret_id("capability-key").send().await.unwrap_err();
    assert_eq!(code(&error), "UnrecognizedClientException");
    let error = clients.s3.get_object().bucket("exports").key("a").send().await.unwrap_err();
    assert_eq!(code(&error), "InvalidAccessKeyId");
    let liar = Clients::signed_as("local", "guess", stack.aws.endpoint_url(), stack.aws.s3_endpoint_url());
    let error = liar.s3.get_object().bucket("exports").key("a").send().await.unwrap_err();
    assert_eq!(code(&error), "SignatureDoesNotMatch");
    let unsigned = [("x-amz-target", "AmazonSQS.ListQueues")];
    let (status, text) = post(stack.aws.endpoint_url(), &unsigned, "{}").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(text.contains("MissingAuthenticationToken"), "{text}");
}
