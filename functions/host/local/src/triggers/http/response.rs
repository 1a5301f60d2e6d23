//! What the caller gets for a function's result.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::Response;
use data_encoding::BASE64;
use serde::Deserialize;
use serde_json::Value;

/// Why a result cannot be turned into a response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    /// The result is not JSON.
    #[error("it is not JSON")]
    NotJson,
    /// A field has the wrong form.
    #[error("{0}")]
    Field(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Structured {
    status_code: Value,
    headers: Option<BTreeMap<String, Value>>,
    cookies: Option<Vec<String>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

/// Maps a result. JSON without a `statusCode` is itself the body, with status 200, as format 2.0 has it.
pub(super) fn map(result: &[u8]) -> Result<Response, Malformed> {
    let value: Value = serde_json::from_slice(result).map_err(|_| Malformed::NotJson)?;
    if value.get("statusCode").is_none() {
        let body = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let mut response = Response::new(Body::from(body));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Ok(response);
    }
    let structured: Structured =
        serde_json::from_value(value).map_err(|error| Malformed::Field(error.to_string()))?;
    structured.into_response()
}

impl Structured {
    fn into_response(self) -> Result<Response, Malformed> {
        let body = self.body.unwrap_or_default();
        let body = match self.is_base64_encoded {
            Some(true) => BASE64.decode(body.as_bytes()).map_err(|_| field("body is not base64"))?,
            Some(false) | None => body.into_bytes(),
        };
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = status(&self.status_code)?;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
        for (name, value) in self.headers.unwrap_or_default() {
            let header = HeaderName::try_from(&name)
                .map_err(|_| field(&format!("{name:?} is not a header's name")))?;
            // The length is that of the body as sent, and the connection is nobody's but ours.
            if !["content-length", "transfer-encoding", "connection"].contains(&header.as_str()) {
                headers.insert(header, header_value(&name, &value)?);
            }
        }
        for cookie in self.cookies.unwrap_or_default() {
            let value =
                HeaderValue::try_from(cookie).map_err(|_| field("a cookie is not a header's value"))?;
            headers.append(SET_COOKIE, value);
        }
        Ok(response)
    }
}

fn status(value: &Value) -> Result<StatusCode, Malformed> {
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok());
    let status = number.and_then(|number| StatusCode::from_u16(u16::try_from(number).ok()?).ok());
    status.filter(|status| status.as_u16() >= 200).ok_or_else(|| field("statusCode must be 200 to 999"))
}

fn header_value(name: &str, value: &Value) -> Result<HeaderValue, Malformed> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => {
            return Err(field(&format!("header {name} must be text")));
        }
    };
    HeaderValue::try_from(text)
        .map_err(|_| field(&format!("header {name} has characters that no header may have")))
}

fn field(what: &str) -> Malformed {
    Malformed::Field(what.to_owned())
}
