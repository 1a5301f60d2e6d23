//! AWS Signature Version 4, by the library that AWS's SDKs sign with.
//!
//! Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::SigningOutput;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningInstructions,
    SigningSettings, UriPathNormalizationMode, sign,
};
use aws_sigv4::sign::v4::SigningParams;

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// A route of the HTTP API that only IAM opens.
    Api,
    /// S3, which wants the path as it is sent, and the body's digest in a header.
    S3,
    /// The tables.
    DynamoDb,
    /// The functions themselves.
    Lambda,
    /// The functions' logs.
    Logs,
    /// The secrets.
    SecretsManager,
    /// The queues.
    Sqs,
    /// E-mail.
    Ses,
    /// Roles and what they may do.
    Iam,
}

/// Who signs, and for which region.
#[derive(Debug, Clone)]
pub struct Signer {
    credentials: Credentials,
    region: String,
}

/// A request to be signed.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// Who asks.
    pub signer: &'a Signer,
    /// Who is asked.
    pub service: Service,
    /// HTTP method.
    pub method: &'a str,
    /// The whole URL, percent-encoded as it is sent.
    pub url: &'a str,
    /// The headers that the signature covers, besides `host` and those that it adds.
    pub headers: &'a [(&'a str, &'a str)],
    /// The body's bytes.
    pub body: &'a [u8],
    /// When it is signed, by the clock of whoever checks.
    pub at: SystemTime,
}

/// Why a request cannot be signed: its URL or a header is not one.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed: {0}")]
pub struct Unsignable(String);

impl Service {
    /// The name that a signature's scope gives it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Api => "execute-api",
            Self::S3 => "s3",
            Self::DynamoDb => "dynamodb",
            Self::Lambda => "lambda",
            Self::Logs => "logs",
            Self::SecretsManager => "secretsmanager",
            Self::Sqs => "sqs",
            Self::Ses => "ses",
            Self::Iam => "iam",
        }
    }

    fn settings(self) -> SigningSettings {
        let mut settings = SigningSettings::default();
        if self == Self::S3 {
            settings.percent_encoding_mode = PercentEncodingMode::Single;
            settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
            settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        }
        settings
    }
}

impl Signer {
    /// Signs with these credentials.
    pub const fn new(credentials: Credentials, region: String) -> Self {
        Self { credentials, region }
    }

    /// This host's one caller.
    pub fn local() -> Self {
        let key = (aws_local::ACCESS_KEY_ID, aws_local::SECRET_ACCESS_KEY);
        Self::new(Credentials::new(key.0, key.1, None, None, "local"), aws_local::REGION.to_owned())
    }

    /// The region that the signatures hold in.
    pub(crate) fn region(&self) -> &str {
        &self.region
    }
}

impl Unsigned<'_> {
    /// The headers that sign the request.
    ///
    /// # Errors
    /// [`Unsignable`]: the URL or a header is not one.
    pub fn sign(&self) -> Result<Vec<(String, String)>, Unsignable> {
        let (instructions, _) = self.signed()?.into_parts();
        Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The signature itself, hexadecimal.
    ///
    /// # Errors
    /// As [`Self::sign`].
    pub(crate) fn signature(&self) -> Result<String, Unsignable> {
        Ok(self.signed()?.signature().to_owned())
    }

    fn signed(&self) -> Result<SigningOutput<SigningInstructions>, Unsignable> {
        let why = |error: &dyn std::error::Error| Unsignable(error.to_string());
        let identity = self.signer.credentials.clone().into();
        let params = SigningParams::builder()
            .identity(&identity)
            .region(self.signer.region())
            .name(self.service.name())
            .time(self.at)
            .settings(self.service.settings())
            .build()
            .map_err(|error| why(&error))?;
        let headers = self.headers.iter().copied();
        let body = SignableBody::Bytes(self.body);
        let request =
            SignableRequest::new(self.method, self.url, headers, body).map_err(|error| why(&error))?;
        sign(request, &params.into()).map_err(|error| why(&error))
    }
}
