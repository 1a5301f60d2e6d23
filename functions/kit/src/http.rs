//! API Gateway requests and answers (HTTP API, payload format 2.0).

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use contracts::problem::{MEDIA_TYPE, Problem, ProblemType};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;

/// The body's bytes exactly as the client sent them; empty when there is none.
///
/// # Errors
/// The body is flagged as base64 and is not.
pub fn body_bytes(request: &ApiGatewayV2httpRequest) -> Result<Vec<u8>, data_encoding::DecodeError> {
    let Some(body) = request.body.as_deref() else { return Ok(Vec::new()) };
    if request.is_base64_encoded {
        return data_encoding::BASE64.decode(body.as_bytes());
    }
    Ok(body.as_bytes().to_vec())
}

/// Every value of a header, in order; a value that is not visible ASCII counts as empty.
pub fn header_values<'a>(headers: &'a HeaderMap, name: &str) -> Vec<&'a str> {
    headers.get_all(name).iter().map(|value| value.to_str().unwrap_or("")).collect()
}

/// A JSON answer that no cache keeps.
///
/// # Errors
/// The body cannot be written as JSON, or a header's value is not visible ASCII.
pub fn json(
    status: u16,
    headers: &[(HeaderName, &str)],
    body: &impl Serialize,
) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error> {
    answer(status, "application/json", headers, serde_json::to_string(body)?)
}

/// A problem as an answer.
///
/// # Errors
/// Never in practice: a problem is plain text.
pub fn problem(problem: &Problem) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error> {
    let retry_after = [(http::header::RETRY_AFTER, "1")];
    let headers = if problem.status == ProblemType::TryAgain.status() { &retry_after[..] } else { &[] };
    answer(problem.status, MEDIA_TYPE, headers, serde_json::to_string(problem)?)
}

fn answer(
    status: u16,
    media_type: &'static str,
    headers: &[(HeaderName, &str)],
    body: String,
) -> Result<ApiGatewayV2httpResponse, lambda_runtime::Error> {
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = i64::from(status);
    response.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in headers {
        response.headers.insert(name, HeaderValue::from_str(value)?);
    }
    response.body = Some(Body::Text(body));
    Ok(response)
}
