//! API Gateway requests and answers (HTTP API, payload format 2.0).

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::encodings::Body;
use contracts::problem::{MEDIA_TYPE, Problem, ProblemType};
use contracts::telemetry::{Scope, TraceContext};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_runtime::LambdaEvent;
use serde::Serialize;

/// The scope of a request's work: in the trace that the client names, or in a new one, and about the donation that the
/// path names.
pub fn scope(event: &LambdaEvent<ApiGatewayV2httpRequest>) -> Scope {
    let request = &event.payload;
    let client = match header_values(&request.headers, "traceparent")[..] {
        [value] => TraceContext::parse(value),
        [] | [_, _, ..] => None,
    };
    let trace = TraceContext::follow(client, &event.context.request_id);
    Scope::new(trace).about(request.path_parameters.get("id").map(String::as_str))
}

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

/// The bytes of a body that is declared as JSON and has at most `bytes_max` bytes.
///
/// # Errors
/// A problem that names the media type's rule or the limit.
pub fn json_body(request: &ApiGatewayV2httpRequest, bytes_max: usize) -> Result<Vec<u8>, Problem> {
    let content_types = header_values(&request.headers, "content-type");
    let is_json =
        |value: &str| value.split(';').next().is_some_and(|media| media.trim() == "application/json");
    if !matches!(content_types[..], [value] if is_json(&value.to_ascii_lowercase())) {
        let detail = "Send the body with Content-Type: application/json.";
        return Err(Problem::new(ProblemType::UnsupportedMediaType, Some("Content-Type"), detail));
    }
    let body = body_bytes(request).map_err(|_| {
        Problem::new(ProblemType::MalformedBody, None, "The body is flagged as base64 and is not.")
    })?;
    if body.len() > bytes_max {
        let detail = format!("The body must be at most {bytes_max} bytes.");
        return Err(Problem::new(ProblemType::BodyTooLarge, None, detail));
    }
    Ok(body)
}

/// Who called a route that only IAM opens: the caller's ARN.
///
/// # Errors
/// API Gateway did not authorise the caller. It turns such a request away itself, so one that comes through means a
/// route without its authoriser: nobody is let in.
pub fn iam_caller(request: &ApiGatewayV2httpRequest) -> Result<&str, Problem> {
    let authorizer = request.request_context.authorizer.as_ref();
    let caller =
        authorizer.and_then(|authorizer| authorizer.iam.as_ref()).and_then(|iam| iam.user_arn.as_deref());
    caller.filter(|caller| !caller.is_empty()).ok_or_else(|| {
        let detail = "This address is for the charity's own people, and the request was not signed by one.";
        Problem::new(ProblemType::NotFound, None, detail)
    })
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
