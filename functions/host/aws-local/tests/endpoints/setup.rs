//! What the tests start, and the clients that they call it with.

use std::{collections::BTreeMap, path::Path, time::Duration};

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_local::{ACCESS_KEY_ID, AwsLocal, Clock, REGION, SECRET_ACCESS_KEY, Settings, StartError};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_runtime_api::client::{
    behavior_version::BehaviorVersion,
    http::{SharedHttpConnector, http_client_fn},
    result::SdkError,
};
use aws_smithy_types::{error::metadata::ProvideErrorMetadata, retry::RetryConfig, timeout::TimeoutConfig};
use aws_types::{SdkConfig, app_name::AppName, region::Region};
use contracts::topology::Topology;
use tempfile::TempDir;

/// The secret that the tests read; invented.
pub(crate) const SECRET: &str = r#"{"keys":["aW52ZW50ZWQgZm9yIHRlc3RzLCBub3QgYSBzZWNyZXQ="]}"#;
pub(crate) const TOPIC: &str = "arn:aws:sns:eu-west-2:000000000000:events";
/// What the calls of [`Clients::of`] are counted under.
pub(crate) const FUNCTION: &str = "endpoint-tests";

/// What `data` is served with.
pub(crate) fn settings(data: &Path) -> Settings {
    Settings {
        data: data.to_owned(),
        topology: Topology::shipped(),
        secrets: BTreeMap::from([("capability-key".to_owned(), SECRET.to_owned())]),
        senders: vec!["receipts@charity.example".to_owned()],
        configuration_sets: vec!["receipts".to_owned()],
        clock: Clock::system(),
    }
}

/// Starts on a folder whose last owner was dropped, and may still be ending what it had begun.
pub(crate) async fn start_again(data: &Path) -> AwsLocal {
    for _ in 0..200 {
        match aws_local::start(settings(data)).await {
            Ok(aws) => return aws,
            Err(StartError::Locked { .. }) => tokio::time::sleep(Duration::from_millis(25)).await,
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the folder was not let go of in five seconds");
}

/// Endpoints on a fresh folder, and clients of them.
pub(crate) struct Stack {
    pub(crate) aws: AwsLocal,
    pub(crate) clients: Clients,
    pub(crate) data: TempDir,
}

impl Stack {
    pub(crate) async fn start() -> Self {
        let data = tempfile::tempdir().unwrap();
        let aws = aws_local::start(settings(data.path())).await.unwrap();
        let clients = Clients::of(aws.endpoint_url(), aws.s3_endpoint_url());
        Self { aws, clients, data }
    }

    /// Ends the endpoints in good order and starts them on the same folder.
    pub(crate) async fn restart(self) -> Self {
        let Self { aws, clients: _, data } = self;
        aws.stop().await;
        let aws = aws_local::start(settings(data.path())).await.unwrap();
        let clients = Clients::of(aws.endpoint_url(), aws.s3_endpoint_url());
        Self { aws, clients, data }
    }
}

/// A client of every service. They try once, so that what the endpoints answer is what a test sees.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) ses: aws_sdk_sesv2::Client,
    pub(crate) s3: aws_sdk_s3::Client,
    pub(crate) secrets: aws_sdk_secretsmanager::Client,
    endpoint: String,
}

impl Clients {
    pub(crate) fn of(endpoint: &str, s3_endpoint: &str) -> Self {
        Self::signed_as(ACCESS_KEY_ID, SECRET_ACCESS_KEY, endpoint, s3_endpoint)
    }

    pub(crate) fn signed_as(key_id: &str, secret: &str, endpoint: &str, s3_endpoint: &str) -> Self {
        let config = config(key_id, secret, endpoint);
        let s3 = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).endpoint_url(s3_endpoint);
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            ses: aws_sdk_sesv2::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(s3.build()),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            endpoint: endpoint.to_owned(),
        }
    }

    pub(crate) fn queue_url(&self, queue: &str) -> String {
        format!("{}/000000000000/{queue}", self.endpoint)
    }
}

fn config(key_id: &str, secret: &str, endpoint: &str) -> SdkConfig {
    let connector = Connector::builder().sleep_impl(TokioSleep::new()).enable_tcp_nodelay(true).build_http();
    let connector = SharedHttpConnector::new(connector);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            key_id, secret, None, None, "tests",
        )))
        .http_client(http_client_fn(move |_, _| connector.clone()))
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .app_name(AppName::new(FUNCTION).unwrap())
        .endpoint_url(endpoint)
        .retry_config(RetryConfig::disabled())
        .timeout_config(TimeoutConfig::builder().operation_timeout(Duration::from_secs(30)).build())
        .build()
}

/// The code of the error that an endpoint answered with.
pub(crate) fn code<E: ProvideErrorMetadata, R: std::fmt::Debug>(error: &SdkError<E, R>) -> &str {
    error.code().unwrap_or("an error without a code, or none at all from the endpoint")
}

/// The text of the error that an endpoint answered with.
pub(crate) fn message<E: ProvideErrorMetadata, R: std::fmt::Debug>(error: &SdkError<E, R>) -> &str {
    error.message().unwrap_or("an error without a message, or none at all from the endpoint")
}
