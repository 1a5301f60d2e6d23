//! Looking at an environment that is deployed, where that cannot be done. That it can is shown by
//! `tests/second-engine`.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::process::{Command, Output, Stdio};

use axum::Router;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const SECRET: &str = "sk_test_never_to_be_shown";

/// An account in which Lambda and Secrets Manager say this.
async fn account(lambda: Response, secret: Value) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (parts, body) = lambda.into_parts();
    let body = axum::body::to_bytes(body, 65_536).await.unwrap();
    let answer = move |uri: Uri| async move {
        if uri.path().starts_with("/2015-03-31/") {
            return (parts.status, parts.headers, body).into_response();
        }
        axum::Json(secret).into_response()
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await.unwrap() });
    url
}

async fn proof(name: &str, variables: &[(&str, &str)]) -> (Output, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outpour"));
    command.args(["proof", "--env", name]).env_clear().envs(variables.iter().copied()).stdin(Stdio::null());
    let output = tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap();
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    (output, said)
}

fn signed_in(url: &str) -> [(&str, &str); 4] {
    [
        ("AWS_ACCESS_KEY_ID", "invented"),
        ("AWS_SECRET_ACCESS_KEY", "invented"),
        ("AWS_REGION", "eu-west-2"),
        ("AWS_ENDPOINT_URL", url),
    ]
}

fn configuration(variables: &Value) -> Response {
    axum::Json(json!({ "Environment": { "Variables": variables } })).into_response()
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_told_how_to() {
    let (output, said) = proof("stage", &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("AWS_ACCESS_KEY_ID is not set; sign in to AWS"), "{said}");
}

#[tokio::test]
async fn a_name_that_is_none_is_refused_before_anything_is_asked() {
    let (output, said) = proof("Stage/..", &[]).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("--env: must be lower-case letters, digits and hyphens"), "{said}");
}

#[tokio::test]
async fn an_environment_that_is_not_there_is_named() {
    let answer = (
        StatusCode::NOT_FOUND,
        [("x-amzn-errortype", "ResourceNotFoundException:http://internal.amazon.com/")],
        axum::Json(json!({ "Type": "User", "Message": "Function not found" })),
    );
    let url = account(answer.into_response(), Value::Null).await;
    let (output, said) = proof("stage", &signed_in(&url)).await;
    assert_eq!(output.status.code(), Some(1));
    assert!(said.contains("there is no outpour-stage in this account and region"), "{said}");
}

#[tokio::test]
async fn a_function_of_another_version_is_told_apart_by_what_it_lacks() {
    let url =
        account(configuration(&json!({ "DONATIONS_TABLE": "d", "LEDGER_TABLE": "l" })), Value::Null).await;
    let (_, said) = proof("stage", &signed_in(&url)).await;
    assert!(
        said.contains("outpour-stage-reconcile-payments") && said.contains("it has no WORK_TABLE"),
        "{said}"
    );
}

#[tokio::test]
async fn a_secret_of_another_form_is_refused_and_not_shown() {
    let variables = json!({
        "DONATIONS_TABLE": "d", "LEDGER_TABLE": "l", "WORK_TABLE": "w", "PROVIDERS": "stripe",
        "PROVIDER_STRIPE_SECRET_ARN": "arn", "STRIPE_URL": "http://127.0.0.1:9",
    });
    let secret = json!({ "SecretString": json!({ "key": SECRET }).to_string() });
    let url = account(configuration(&variables), secret).await;
    let (_, said) = proof("stage", &signed_in(&url)).await;
    assert!(said.contains("a provider's secret") && said.contains("api_key"), "{said}");
    assert!(!said.contains(SECRET), "{said}");
}
