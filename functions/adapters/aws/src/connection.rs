//! One connection to AWS for a whole function environment.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnectorSettings, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_types::SdkConfig;
use aws_types::app_name::AppName;
use aws_types::region::Region;
use secrecy::{ExposeSecret, SecretString};

use crate::limits::{self, Limits};

/// How long an idle connection is kept. Shorter than the services keep theirs, so that a function which was frozen
/// for a while does not write to a connection that the other side has closed.
const IDLE: Duration = Duration::from_secs(20);

/// Whose credentials they are, for the SDK's logs.
const PROVIDER: &str = "environment";

/// What Lambda puts into a function's environment, and where to call instead of AWS.
#[derive(Debug, Clone)]
pub struct AwsSettings {
    /// `AWS_REGION`.
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: SecretString,
    /// `AWS_SESSION_TOKEN`, where the credentials are temporary ones.
    pub session_token: Option<SecretString>,
    /// `AWS_ENDPOINT_URL`: the one endpoint of all services but S3; AWS itself where it is absent.
    pub endpoint_url: Option<String>,
    /// `AWS_ENDPOINT_URL_S3`; `endpoint_url` where it is absent.
    pub s3_endpoint_url: Option<String>,
    /// The function's name. It travels in the user agent as `app/NAME`, so that calls can be told apart.
    pub function: String,
}

/// Why the settings are not usable. Each names the environment value and the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// An endpoint is not an HTTP URL.
    #[error("{name} must be a URL that begins with http:// or https://")]
    Endpoint {
        /// The environment value's name.
        name: &'static str,
    },
    /// A value is there and empty.
    #[error("{name} must not be empty")]
    Empty {
        /// The environment value's name.
        name: &'static str,
    },
    /// The function's name cannot stand in a user agent.
    #[error("AWS_LAMBDA_FUNCTION_NAME must be letters, digits and the characters !#$%&'*+-.^_`|~")]
    FunctionName,
}

/// Credentials, region, endpoints, and the HTTP client that all services share. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws(Arc<Connection>);

#[derive(Debug)]
struct Connection {
    base: SdkConfig,
    s3_endpoint_url: Option<String>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    secrets: OnceLock<aws_sdk_secretsmanager::Client>,
    sqs: OnceLock<aws_sdk_sqs::Client>,
}

impl Aws {
    /// Prepares the connection. Nothing is sent yet.
    ///
    /// # Errors
    /// [`ConnectError`] naming the value that is not usable.
    pub fn connect(settings: AwsSettings) -> Result<Self, ConnectError> {
        check(&settings)?;
        let session_token = settings.session_token.as_ref().map(|token| token.expose_secret().to_owned());
        let secret = settings.secret_access_key.expose_secret();
        let credentials = Credentials::new(settings.access_key_id, secret, session_token, None, PROVIDER);
        let s3_endpoint_url = settings.s3_endpoint_url.or_else(|| settings.endpoint_url.clone());
        let plain =
            [&settings.endpoint_url, &s3_endpoint_url].into_iter().all(|url| is_plain(url.as_deref()));
        let mut base = SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new(settings.region))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            // The credentials are at hand for as long as the environment lives: there is nothing to cache or refresh.
            .identity_cache(aws_sdk_dynamodb::config::IdentityCache::no_cache())
            .http_client(http_client(plain))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .app_name(AppName::new(settings.function).map_err(|_| ConnectError::FunctionName)?);
        base.set_endpoint_url(settings.endpoint_url);
        Ok(Self(Arc::new(Connection {
            base: base.build(),
            s3_endpoint_url,
            dynamodb: OnceLock::new(),
            secrets: OnceLock::new(),
            sqs: OnceLock::new(),
        })))
    }

    /// DynamoDB's client.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.0.dynamodb.get_or_init(|| aws_sdk_dynamodb::Client::new(&self.limited(limits::DYNAMODB)))
    }

    /// A client of DynamoDB for queries of many pages.
    pub(crate) fn dynamodb_pages(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.limited(limits::DYNAMODB_PAGES))
    }

    /// A client of DynamoDB for what a payment can do without.
    pub(crate) fn dynamodb_hasty(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.limited(limits::DYNAMODB_HASTY))
    }

    /// Secrets Manager's client.
    pub(crate) fn secrets(&self) -> &aws_sdk_secretsmanager::Client {
        self.0.secrets.get_or_init(|| aws_sdk_secretsmanager::Client::new(&self.limited(limits::SECRETS)))
    }

    /// SQS's client.
    pub fn sqs(&self) -> &aws_sdk_sqs::Client {
        self.0.sqs.get_or_init(|| aws_sdk_sqs::Client::new(&self.limited(limits::SQS)))
    }

    /// A client of SNS with its own limits: a donor may be waiting for a publish, or nobody.
    pub(crate) fn sns(&self, limits: Limits) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.limited(limits))
    }

    /// A client of SES.
    pub(crate) fn ses(&self) -> aws_sdk_sesv2::Client {
        aws_sdk_sesv2::Client::new(&self.limited(limits::SES))
    }

    /// A client of S3. Buckets go into the path where the endpoint is not AWS's own, because a bucket's name in front
    /// of a loopback address is no host.
    pub(crate) fn s3(&self) -> aws_sdk_s3::Client {
        let endpoint = self.0.s3_endpoint_url.clone();
        let config = aws_sdk_s3::config::Builder::from(&self.limited(limits::S3));
        let mut config = config.force_path_style(endpoint.is_some());
        config.set_endpoint_url(endpoint);
        aws_sdk_s3::Client::from_conf(config.build())
    }

    fn limited(&self, limits: Limits) -> SdkConfig {
        let base = self.0.base.clone().into_builder();
        base.timeout_config(limits.timeouts()).retry_config(limits.retries()).build()
    }
}

fn check(settings: &AwsSettings) -> Result<(), ConnectError> {
    let required = [
        ("AWS_REGION", settings.region.as_str()),
        ("AWS_ACCESS_KEY_ID", settings.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY", settings.secret_access_key.expose_secret()),
    ];
    if let Some((name, _)) = required.into_iter().find(|(_, value)| value.is_empty()) {
        return Err(ConnectError::Empty { name });
    }
    let endpoints =
        [("AWS_ENDPOINT_URL", &settings.endpoint_url), ("AWS_ENDPOINT_URL_S3", &settings.s3_endpoint_url)];
    for (name, url) in endpoints {
        let Some(url) = url else { continue };
        if !url.starts_with("http://") && !url.starts_with("https://") {
            return Err(ConnectError::Endpoint { name });
        }
    }
    Ok(())
}

fn is_plain(endpoint_url: Option<&str>) -> bool {
    endpoint_url.is_some_and(|url| url.starts_with("http://"))
}

/// One connector, made once. The SDK's own builder makes one for each client to warm its cache, and each of them reads
/// the system's certificates anew. Where every endpoint is plain HTTP, no certificate is read at all.
fn http_client(plain: bool) -> SharedHttpClient {
    let settings = HttpConnectorSettings::builder().connect_timeout(limits::CONNECT).build();
    let builder = Connector::builder()
        .connector_settings(settings)
        .sleep_impl(TokioSleep::new())
        .enable_tcp_nodelay(true)
        .pool_idle_timeout(IDLE);
    let connector = if plain {
        builder.build_http()
    } else {
        builder.tls_provider(Provider::rustls(CryptoMode::Ring)).build()
    };
    let connector = SharedHttpConnector::new(connector);
    http_client_fn(move |_, _| connector.clone())
}
