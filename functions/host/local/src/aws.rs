//! AWS's own interfaces over plain HTTP, signed: the local endpoints', AWS's, or another engine's.

use std::env;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use reqwest::Method;
use serde_json::Value;

use crate::random;
use crate::signature::{Service, Signer, Unsigned};

/// One account in one region. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Aws {
    http: reqwest::Client,
    signer: Signer,
    /// The one endpoint of all services; each has AWS's own where it is absent.
    endpoint: Option<String>,
}

/// Why there is no answer, or none that can be used.
#[derive(Debug, thiserror::Error)]
pub enum AwsError {
    /// A value that the calls are signed with is not in the environment.
    #[error(
        "{0} is not set; sign in to AWS, then run: eval \"$(aws configure export-credentials --format env)\", and set \
         AWS_REGION"
    )]
    NotSignedIn(&'static str),
    /// The request cannot be made, or nothing came back.
    #[error("{call} has no answer: {why}")]
    NoAnswer {
        /// The operation.
        call: String,
        /// The reason.
        why: String,
    },
    /// The service refuses.
    #[error("{call} answered {status}: {kind}")]
    Refused {
        /// The operation.
        call: String,
        /// HTTP status.
        status: u16,
        /// AWS's name for the error.
        kind: String,
    },
}

impl AwsError {
    /// Whether this is AWS's name for the error, such as `ConditionalCheckFailedException`.
    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self, Self::Refused { kind, .. } if kind.rsplit('#').next() == Some(name))
    }
}

impl Aws {
    /// The endpoints of the local host.
    pub fn local(http: reqwest::Client, endpoint: impl Into<String>) -> Self {
        Self { http, signer: Signer::local(), endpoint: Some(endpoint.into()) }
    }

    /// The account that the shell is signed in to: `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, for
    /// credentials that end, `AWS_SESSION_TOKEN`. `AWS_ENDPOINT_URL` leads elsewhere than to AWS.
    ///
    /// # Errors
    /// [`AwsError::NotSignedIn`].
    #[expect(clippy::disallowed_methods, reason = "an operator's shell, as every tool of AWS reads it")]
    pub fn from_environment(http: reqwest::Client) -> Result<Self, AwsError> {
        let value = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let required = |name| value(name).ok_or(AwsError::NotSignedIn(name));
        let credentials = Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            value("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let endpoint = value("AWS_ENDPOINT_URL").map(|url| url.trim_end_matches('/').to_owned());
        Ok(Self { http, signer: Signer::new(credentials, required("AWS_REGION")?), endpoint })
    }

    /// Calls an operation of a service that speaks AWS's JSON protocol: DynamoDB, SQS, Secrets Manager, Logs.
    ///
    /// # Errors
    /// [`AwsError::NoAnswer`], [`AwsError::Refused`].
    pub async fn call(&self, service: Service, operation: &str, body: &Value) -> Result<Value, AwsError> {
        let (version, target) = match service {
            Service::DynamoDb => ("1.0", "DynamoDB_20120810"),
            Service::Sqs => ("1.0", "AmazonSQS"),
            Service::SecretsManager => ("1.1", "secretsmanager"),
            Service::Logs => ("1.1", "Logs_20140328"),
            Service::Api | Service::S3 | Service::Lambda | Service::Ses | Service::Iam => {
                let why = format!("{} does not speak AWS's JSON protocol", service.name());
                return Err(AwsError::NoAnswer { call: operation.to_owned(), why });
            }
        };
        let content_type = format!("application/x-amz-json-{version}");
        let target = format!("{target}.{operation}");
        let headers = [("content-type", content_type.as_str()), ("x-amz-target", target.as_str())];
        self.send(service, operation, Method::POST, "/", &headers, body.to_string()).await
    }

    /// Signs what is asked of this account elsewhere.
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// Posts to a path of a service that speaks REST: Lambda, SES.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn post(&self, service: Service, path: &str, body: &Value) -> Result<Value, AwsError> {
        self.send(service, path, Method::POST, path, &[], body.to_string()).await
    }

    /// Reads what is at a path of a service that speaks REST: Lambda.
    ///
    /// # Errors
    /// As [`Self::call`].
    pub async fn get(&self, service: Service, path: &str) -> Result<Value, AwsError> {
        self.send(service, path, Method::GET, path, &[], String::new()).await
    }

    async fn send(
        &self,
        service: Service,
        call: &str,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<Value, AwsError> {
        let no_answer = |why: String| AwsError::NoAnswer { call: call.to_owned(), why };
        let url = format!("{}{path}", self.endpoint_of(service));
        let unsigned = Unsigned {
            signer: &self.signer,
            service,
            method: method.as_str(),
            url: &url,
            headers,
            body: body.as_bytes(),
            at: UNIX_EPOCH + Duration::from_millis(random::now_ms()),
        };
        let signature = unsigned.sign().map_err(|error| no_answer(error.to_string()))?;
        let mut request = self.http.request(method, &url).timeout(Duration::from_secs(60));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        for (name, value) in signature {
            request = request.header(name, value);
        }
        let answer = request.body(body).send().await.map_err(|error| no_answer(error.to_string()))?;
        let status = answer.status();
        let named = answer.headers().get("x-amzn-errortype").and_then(|kind| kind.to_str().ok());
        let named = named.and_then(|kind| kind.split(':').next()).map(str::to_owned);
        let body: Value = answer.json().await.map_err(|error| no_answer(error.to_string()))?;
        if status.is_success() {
            return Ok(body);
        }
        // The message may repeat what was sent; the name of the error does not.
        let kind = named.or_else(|| body["__type"].as_str().map(str::to_owned));
        let kind = kind.unwrap_or_else(|| "an error without a name".to_owned());
        Err(AwsError::Refused { call: call.to_owned(), status: status.as_u16(), kind })
    }

    /// Source: docs.aws.amazon.com/general/latest/gr/rande.html.
    fn endpoint_of(&self, service: Service) -> String {
        self.endpoint
            .clone()
            .unwrap_or_else(|| format!("https://{}.{}.amazonaws.com", service.name(), self.signer.region()))
    }
}
