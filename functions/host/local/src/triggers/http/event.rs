//! The event that a function gets for a request.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, USER_AGENT};
use axum::http::request::Parts;
use bytes::Bytes;
use data_encoding::BASE64;
use serde_json::{Map, Value, json};

use super::routes::{Found, percent_decode};
use crate::random;
use crate::runtime::ACCOUNT;

/// What is known of a request beyond its bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    /// Who sent it.
    pub(super) peer: SocketAddr,
    /// Its id.
    pub(super) request_id: &'a str,
    /// When it arrived, in milliseconds since the epoch.
    pub(super) at_ms: u64,
}

/// Builds the event. Fields that have nothing to say are absent, as API Gateway leaves them out.
pub(super) fn build<T>(parts: &Parts, body: &Bytes, found: &Found<'_, T>, arrival: &Arrival<'_>) -> Value {
    let raw_query = parts.uri.query().unwrap_or_default();
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let domain = text(HOST);
    let mut event = json!({
        "version": "2.0",
        "routeKey": found.key,
        "rawPath": parts.uri.path(),
        "rawQueryString": raw_query,
        "headers": headers(parts, arrival),
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "local",
            "domainName": domain,
            "domainPrefix": domain.split(['.', ':']).next().unwrap_or_default(),
            "http": {
                "method": parts.method.as_str(),
                "path": parts.uri.path(),
                "protocol": "HTTP/1.1",
                "sourceIp": source(parts, arrival.peer).to_string(),
                "userAgent": text(USER_AGENT),
            },
            "requestId": arrival.request_id,
            "routeKey": found.key,
            "stage": "$default",
            "time": common_log_time(arrival.at_ms),
            "timeEpoch": arrival.at_ms,
        },
        "isBase64Encoded": false,
    });
    let cookies = cookies(parts);
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let query = query(raw_query);
    if !query.is_empty() {
        event["queryStringParameters"] = json!(query);
    }
    if !found.parameters.is_empty() {
        event["pathParameters"] = json!(found.parameters);
    }
    if !body.is_empty() {
        let plain = is_text(text(CONTENT_TYPE)).then(|| std::str::from_utf8(body).ok()).flatten();
        event["isBase64Encoded"] = json!(plain.is_none());
        event["body"] = plain.map_or_else(|| json!(BASE64.encode(body)), |text| json!(text));
    }
    event
}

/// Where the request came from. Whoever speaks to the host on loopback may say so with `X-Forwarded-For`, as a proxy on
/// this machine would, and the last address counts; from anywhere else the header is nobody's word. API Gateway never
/// looks at it.
fn source(parts: &Parts, peer: SocketAddr) -> IpAddr {
    let named = parts.headers.get_all("x-forwarded-for").iter().next_back();
    let named = named.and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    named.filter(|_: &IpAddr| peer.ip().is_loopback()).unwrap_or_else(|| peer.ip())
}

/// Bytes of the request line and the headers.
pub(super) fn header_bytes(parts: &Parts) -> usize {
    let target = parts.uri.path_and_query().map_or(0, |target| target.as_str().len());
    let headers = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    parts.method.as_str().len() + target + headers.sum::<usize>()
}

/// Headers by lower-case name, repeated ones joined with commas. Cookies have a place of their own.
fn headers(parts: &Parts, arrival: &Arrival<'_>) -> Map<String, Value> {
    let mut headers: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in parts.headers.iter().filter(|(name, _)| *name != COOKIE) {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    let added = [
        ("x-forwarded-for", arrival.peer.ip().to_string()),
        ("x-forwarded-proto", "http".to_owned()),
        ("x-amzn-trace-id", random::trace_header()),
    ];
    for (name, value) in added {
        headers.entry(name.to_owned()).or_insert(value);
    }
    headers.into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}

fn cookies(parts: &Parts) -> Vec<String> {
    let values = parts
        .headers
        .get_all(COOKIE)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    values.flat_map(|value| value.split("; ").map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// Query parameters by name, repeated ones joined with commas.
fn query(raw: &str) -> BTreeMap<String, String> {
    let mut query: BTreeMap<String, String> = BTreeMap::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| percent_decode(&text.replace('+', " "));
        let (name, value) = (decode(name), decode(value));
        query
            .entry(name)
            .and_modify(|joined| {
                joined.push(',');
                joined.push_str(&value);
            })
            .or_insert(value);
    }
    query
}

/// Whether API Gateway passes a body of this type as text; every other body it encodes in base64, forms included.
/// A body without a type is taken for text.
fn is_text(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.is_empty()
        || essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || ["application/json", "application/javascript", "application/xml"].contains(&essence.as_str())
}

/// `12/Mar/2020:19:03:58 +0000`.
fn common_log_time(at_ms: u64) -> String {
    let at = i64::try_from(at_ms).ok().and_then(|at| jiff::Timestamp::from_millisecond(at).ok());
    at.map(|at| at.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string()).unwrap_or_default()
}
