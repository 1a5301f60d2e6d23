//! Who signed a request to a route that only IAM opens: AWS Signature Version 4 with this host's own credentials.
//!
//! The signature is made again from the request, by the library that AWS's SDKs sign with, and compared. Source:
//! docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html. What IAM's policies say of a
//! caller only AWS can show: here there is one, and it may do everything.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::SigningOutput;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningInstructions, SigningSettings, sign};
use aws_sigv4::sign::v4::SigningParams;
use axum::http::HeaderMap;
use axum::http::request::Parts;

/// The service that signs for routes of an HTTP API.
const SERVICE: &str = "execute-api";
/// How far a signature's time may be from ours, as at AWS.
const TOLERANCE: Duration = Duration::from_secs(300);
/// The one caller that there is here.
const CALLER: &str = "arn:aws:iam::000000000000:user/local";

/// The caller's ARN; `None` when nobody whom we know signed this very request just now.
pub(super) fn caller(parts: &Parts, body: &[u8], at_ms: u64) -> Option<&'static str> {
    let given = Given::read(&parts.headers)?;
    let signed_at = moment(header(&parts.headers, "x-amz-date")?)?;
    let now = UNIX_EPOCH + Duration::from_millis(at_ms);
    let apart = now.duration_since(signed_at).or_else(|_| signed_at.duration_since(now)).ok()?;
    if given.access_key_id != aws_local::ACCESS_KEY_ID || apart > TOLERANCE {
        return None;
    }
    let url = format!("http://{}{}", header(&parts.headers, "host")?, parts.uri);
    let headers = given.signed_headers.iter().filter(|name| **name != "x-amz-date");
    let headers: Option<Vec<(&str, &str)>> =
        headers.map(|name| Some((*name, header(&parts.headers, name)?))).collect();
    let expected = signed(parts.method.as_str(), &url, &headers?, body, signed_at).ok()?;
    (expected.signature() == given.signature).then_some(CALLER)
}

/// What the request's `Authorization` header says.
struct Given<'a> {
    access_key_id: &'a str,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

impl<'a> Given<'a> {
    fn read(headers: &'a HeaderMap) -> Option<Self> {
        let fields = header(headers, "authorization")?.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let credential: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key_id, _, region, SERVICE, "aws4_request"] = *credential.as_slice() else { return None };
        (region == aws_local::REGION).then_some(())?;
        let signed_headers = field("SignedHeaders")?.split(';').collect();
        Some(Self { access_key_id, signed_headers, signature: field("Signature")? })
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn moment(text: &str) -> Option<SystemTime> {
    let moment = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    let moment = moment.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
    Some(UNIX_EPOCH + Duration::from_secs(u64::try_from(moment.as_second()).ok()?))
}

/// The headers that sign a request as this host's one caller.
///
/// # Errors
/// The URL or a header cannot be signed; says why.
pub fn sign_as_operator(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    at: SystemTime,
) -> Result<Vec<(String, String)>, String> {
    let (instructions, _) = signed(method, url, headers, body, at)?.into_parts();
    Ok(instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
}

fn signed(
    method: &str,
    url: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    at: SystemTime,
) -> Result<SigningOutput<SigningInstructions>, String> {
    let words = |error: &dyn std::error::Error| error.to_string();
    let key = (aws_local::ACCESS_KEY_ID, aws_local::SECRET_ACCESS_KEY);
    let identity = Credentials::new(key.0, key.1, None, None, "local").into();
    let params = SigningParams::builder()
        .identity(&identity)
        .region(aws_local::REGION)
        .name(SERVICE)
        .time(at)
        .settings(SigningSettings::default())
        .build()
        .map_err(|error| words(&error))?;
    let request = SignableRequest::new(method, url, headers.iter().copied(), SignableBody::Bytes(body))
        .map_err(|error| words(&error))?;
    sign(request, &params.into()).map_err(|error| words(&error))
}
