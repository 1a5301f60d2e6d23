//! Who signed a request to a route that only IAM opens: AWS Signature Version 4 with this host's own credentials.
//!
//! The signature is made again from the request and compared. What IAM's policies say of a caller only AWS can show:
//! here there is one, and it may do everything.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::http::HeaderMap;
use axum::http::request::Parts;

use crate::signature::{Service, Signer, Unsigned};

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
    let method = parts.method.as_str();
    let signer = &Signer::local();
    let headers = &headers?;
    let request = Unsigned { signer, service: Service::Api, method, url: &url, headers, body, at: signed_at };
    (request.signature().ok()? == given.signature).then_some(CALLER)
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
        let [access_key_id, _, region, service, "aws4_request"] = *credential.as_slice() else { return None };
        (region == aws_local::REGION && service == Service::Api.name()).then_some(())?;
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
