//! The front door: which service a request is for, whether its caller is let in, and the count of it.

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode, header::AUTHORIZATION};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;

use crate::{
    calls::{self, Calls},
    dynamodb::DynamoDb,
    reply::{Failure, Protocol, Reply},
    secrets::Secrets,
    ses::Ses,
    settings::ACCESS_KEY_ID,
    sns::Sns,
    sqs::Sqs,
};

/// Most bytes of a request: DynamoDB's own bound, the largest of the services here but SES, whose raw e-mails
/// may be 40 MB on AWS.
const BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Everything behind the door.
pub(crate) struct Front {
    pub(crate) calls: Calls,
    pub(crate) dynamodb: DynamoDb,
    pub(crate) sqs: Sqs,
    pub(crate) sns: Sns,
    pub(crate) ses: Ses,
    pub(crate) secrets: Secrets,
}

/// A request, read.
pub(crate) struct Incall {
    pub(crate) function: String,
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A service's answer, and the permissions that the request needed: IAM action and resource.
pub(crate) struct Outcome {
    pub(crate) reply: Reply,
    pub(crate) actions: Vec<(String, String)>,
}

impl Outcome {
    /// An answer that needed one permission.
    pub(crate) fn one(reply: Reply, action: &str, resource: impl Into<String>) -> Self {
        Self { reply, actions: vec![(action.to_owned(), resource.into())] }
    }
}

/// What a request is for.
enum Target {
    DynamoDb(String),
    Sqs(String),
    Secrets(String),
    Ses,
    Sns,
    Elsewhere(String),
}

impl Target {
    fn of(request: &Incall) -> Self {
        let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
        let target = header("x-amz-target").unwrap_or_default();
        let form =
            header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        match target.split_once('.') {
            Some(("DynamoDB_20120810", operation)) => Self::DynamoDb(operation.to_owned()),
            Some(("AmazonSQS", operation)) => Self::Sqs(operation.to_owned()),
            Some(("secretsmanager", operation)) => Self::Secrets(operation.to_owned()),
            Some(_) => Self::Elsewhere(target.to_owned()),
            None if request.path.starts_with("/v2/email/") => Self::Ses,
            None if form && request.path == "/" => Self::Sns,
            None => Self::Elsewhere(format!("{} {}", request.method, request.path)),
        }
    }

    fn protocol(&self) -> Protocol {
        match self {
            Self::DynamoDb(_) | Self::Sqs(_) | Self::Elsewhere(_) => Protocol::Json10,
            Self::Secrets(_) => Protocol::Json11,
            Self::Ses => Protocol::Rest,
            Self::Sns => Protocol::Query,
        }
    }
}

/// Answers a request; every request gets an answer.
pub(crate) async fn answer(front: Arc<Front>, request: Request<Incoming>) -> Result<Reply, Infallible> {
    let (head, body) = request.into_parts();
    let mut call = Incall {
        function: calls::function_of(&head.headers),
        method: head.method,
        path: head.uri.path().to_owned(),
        headers: head.headers,
        body: Bytes::new(),
    };
    let target = Target::of(&call);
    match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => call.body = body.to_bytes(),
        Err(error) => {
            let message =
                format!("the request could not be read, or is over {BODY_BYTES_MAX} bytes: {error}");
            let failure = Failure::sender("RequestEntityTooLarge", message);
            return Ok(failure.with_status(StatusCode::PAYLOAD_TOO_LARGE).reply(target.protocol()));
        }
    }
    Ok(front.serve(&target, &call).await)
}

impl Front {
    async fn serve(&self, target: &Target, call: &Incall) -> Reply {
        if let Err(failure) = admit(target, &call.headers) {
            return failure.reply(target.protocol());
        }
        let (operation, outcome) = match target {
            Target::DynamoDb(operation) => {
                (format!("dynamodb:{operation}"), self.dynamodb.serve(operation, call, &self.calls).await)
            }
            Target::Sqs(operation) => (format!("sqs:{operation}"), self.sqs.serve(operation, call).await),
            Target::Secrets(operation) => {
                (format!("secretsmanager:{operation}"), self.secrets.serve(operation, call))
            }
            Target::Ses => ("ses:SendEmail".to_owned(), self.ses.serve(call).await),
            Target::Sns => self.sns.serve(call).await,
            Target::Elsewhere(what) => return elsewhere(what).reply(Protocol::Json10),
        };
        let failed = !outcome.reply.status().is_success();
        self.calls.request(&call.function, &operation, failed);
        for (action, resource) in &outcome.actions {
            self.calls.action(&call.function, action, resource);
        }
        outcome.reply
    }
}

fn elsewhere(what: &str) -> Failure {
    let what: String = what.chars().take(120).collect();
    let message = format!(
        "{what} is not here: this local endpoint has DynamoDB, SQS, SNS, SES v2 (SendEmail) and \
         Secrets Manager (GetSecretValue); S3 has a port of its own."
    );
    Failure::sender("UnknownOperationException", message)
}

/// Lets in whoever signs as the one access key id. The signature itself is not verified.
fn admit(target: &Target, headers: &HeaderMap) -> Result<(), Failure> {
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let key = authorization
        .and_then(|text| text.split_once("Credential="))
        .map(|(_, credential)| credential.split(['/', ',']).next().unwrap_or_default());
    let (code, message) = match key {
        Some(ACCESS_KEY_ID) => return Ok(()),
        Some(_) => ("UnrecognizedClientException", "The security token included in the request is invalid."),
        None => ("MissingAuthenticationTokenException", "Request is missing Authentication Token"),
    };
    let coral = format!("com.amazon.coral.service#{code}");
    Err(match (target, key) {
        (Target::Sns, Some(_)) => {
            Failure::sender("InvalidClientTokenId", message).with_status(StatusCode::FORBIDDEN)
        }
        (Target::Sns, None) => {
            Failure::sender("MissingAuthenticationToken", message).with_status(StatusCode::FORBIDDEN)
        }
        (Target::Ses, _) => Failure::sender(code, message).with_status(StatusCode::FORBIDDEN),
        (Target::Sqs(_), Some(_)) => Failure::sender(coral, message)
            .with_status(StatusCode::FORBIDDEN)
            .with_query_code("InvalidClientTokenId"),
        _ => Failure::sender(coral, message),
    })
}
