use std::collections::BTreeMap;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use bytes::Bytes;
use serde_json::{Value, json};

use super::routes::Found;
use super::{RouteError, Routes, event, response};

fn routes() -> Routes<&'static str> {
    let mut routes = Routes::default();
    routes.add("POST", "/donations", "accept").unwrap();
    routes.add("GET", "/donations/{id}", "show").unwrap();
    routes.add("GET", "/donations/today", "today").unwrap();
    routes.add("POST", "/webhooks/{provider}", "receive").unwrap();
    routes
}

fn target(method: &str, path: &str) -> Option<(&'static str, BTreeMap<String, String>)> {
    routes().find(method, path).map(|found| (*found.target, found.parameters))
}

#[test]
fn a_route_fits_its_own_method_and_path_only() {
    assert_eq!(target("POST", "/donations"), Some(("accept", BTreeMap::new())));
    for (method, path) in
        [("GET", "/donations"), ("POST", "/donations/"), ("POST", "/donation"), ("POST", "/")]
    {
        assert_eq!(target(method, path), None, "{method} {path}");
    }
}

#[test]
fn a_parameter_takes_one_part_and_is_decoded() {
    let id = |value: &str| BTreeMap::from([("id".to_owned(), value.to_owned())]);
    assert_eq!(target("GET", "/donations/abc"), Some(("show", id("abc"))));
    assert_eq!(target("GET", "/donations/a%20b%2Fc"), Some(("show", id("a b/c"))));
    assert_eq!(target("GET", "/donations/50%25%"), Some(("show", id("50%%"))));
    assert_eq!(target("GET", "/donations/"), None);
    assert_eq!(target("GET", "/donations/a/b"), None);
}

#[test]
fn a_literal_part_wins_over_a_parameter() {
    assert_eq!(target("GET", "/donations/today").unwrap().0, "today");
}

#[test]
fn routes_that_cannot_be_served_are_refused_by_name() {
    let mut routes = routes();
    let refused = |routes: &mut Routes<_>, method, path| routes.add(method, path, "again").unwrap_err();
    assert_eq!(refused(&mut routes, "ANY", "/x"), RouteError::Method("ANY /x".to_owned()));
    for path in ["x", "/x//y", "/{proxy+}", "/x{id}", "/{}"] {
        assert_eq!(refused(&mut routes, "GET", path), RouteError::Path(format!("GET {path}")));
    }
    let again = refused(&mut routes, "GET", "/donations/{other}");
    assert_eq!(again, RouteError::Taken("GET /donations/{other}".to_owned()));
}

fn event_of(request: Request<()>, body: &'static [u8], key: &str, parameters: &[(&str, &str)]) -> Value {
    event_from("192.0.2.1:50000", request, body, key, parameters)
}

fn event_from(
    peer: &str,
    request: Request<()>,
    body: &'static [u8],
    key: &str,
    parameters: &[(&str, &str)],
) -> Value {
    let (parts, ()) = request.into_parts();
    let parameters = parameters.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let found = Found { key, parameters, target: &() };
    let peer = peer.parse().unwrap();
    let arrival = event::Arrival { peer, request_id: "id", at_ms: 1_583_348_638_390 };
    event::build(&parts, &Bytes::from_static(body), &found, &arrival)
}

/// The request of the guide's example for format 2.0, without authoriser, client certificate and stage variables,
/// none of which the API has.
#[test]
fn the_guides_example_request_becomes_the_guides_example_event() {
    let request = Request::post("/my/path?parameter1=value1&parameter1=value2&parameter2=value")
        .header("host", "id.execute-api.us-east-1.amazonaws.com")
        .header("header1", "value1")
        .header("header2", "value1")
        .header("header2", "value2")
        .header("cookie", "cookie1; cookie2")
        .header("user-agent", "agent")
        .header("x-amzn-trace-id", "trace")
        .body(())
        .unwrap();
    let event = event_of(request, b"Hello from Lambda", "POST /my/{parameter1}", &[("parameter1", "path")]);
    let expected = json!({
        "version": "2.0",
        "routeKey": "POST /my/{parameter1}",
        "rawPath": "/my/path",
        "rawQueryString": "parameter1=value1&parameter1=value2&parameter2=value",
        "cookies": ["cookie1", "cookie2"],
        "headers": {
            "header1": "value1",
            "header2": "value1,value2",
            "host": "id.execute-api.us-east-1.amazonaws.com",
            "user-agent": "agent",
            "x-amzn-trace-id": "trace",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-proto": "http"
        },
        "queryStringParameters": { "parameter1": "value1,value2", "parameter2": "value" },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "id.execute-api.us-east-1.amazonaws.com",
            "domainPrefix": "id",
            "http": {
                "method": "POST",
                "path": "/my/path",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "agent"
            },
            "requestId": "id",
            "routeKey": "POST /my/{parameter1}",
            "stage": "$default",
            "time": "04/Mar/2020:19:03:58 +0000",
            "timeEpoch": 1_583_348_638_390_u64
        },
        "body": "Hello from Lambda",
        "pathParameters": { "parameter1": "path" },
        "isBase64Encoded": false
    });
    assert_eq!(event, expected);
}

#[test]
fn only_a_proxy_on_this_machine_is_believed_about_the_source() {
    let source = |peer, forwarded: Option<&str>| {
        let mut request = Request::post("/donations");
        if let Some(forwarded) = forwarded {
            request = request.header("x-forwarded-for", forwarded);
        }
        let event = event_from(peer, request.body(()).unwrap(), b"", "POST /donations", &[]);
        event["requestContext"]["http"]["sourceIp"].as_str().unwrap().to_owned()
    };
    assert_eq!(source("127.0.0.1:50000", Some("198.51.100.7")), "198.51.100.7");
    assert_eq!(source("127.0.0.1:50000", Some("203.0.113.1, 198.51.100.7")), "198.51.100.7");
    assert_eq!(source("[::1]:50000", Some("2001:db8::7")), "2001:db8::7");
    assert_eq!(source("192.0.2.1:50000", Some("198.51.100.7")), "192.0.2.1");
    assert_eq!(source("127.0.0.1:50000", Some("somebody")), "127.0.0.1");
    assert_eq!(source("127.0.0.1:50000", None), "127.0.0.1");
}

#[test]
fn what_a_request_does_not_have_is_absent() {
    let event = event_of(Request::get("/donations").body(()).unwrap(), b"", "GET /donations", &[]);
    for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
        assert_eq!(event.get(name), None, "{name}");
    }
    assert_eq!(event["rawQueryString"], "");
}

#[test]
fn only_text_is_passed_as_text() {
    let rows: [(&str, &[u8], bool); 6] = [
        ("application/json; charset=utf-8", b"{}", false),
        ("application/problem+json", b"{}", false),
        ("text/plain", b"x", false),
        ("application/octet-stream", b"x", true),
        ("application/x-www-form-urlencoded", b"a=b", true),
        ("application/json", b"\xff", true),
    ];
    for (content_type, body, encoded) in rows {
        let request = Request::post("/x").header("content-type", content_type).body(()).unwrap();
        let event = event_of(request, body, "POST /x", &[]);
        assert_eq!(event["isBase64Encoded"], encoded, "{content_type}");
        let expected =
            if encoded { data_encoding::BASE64.encode(body) } else { String::from_utf8_lossy(body).into() };
        assert_eq!(event["body"], expected, "{content_type}");
    }
}

async fn response_of(result: &Value) -> (u16, Vec<(String, String)>, String) {
    let response = response::map(result.to_string().as_bytes()).unwrap();
    let (parts, body): (_, Body) = response.into_parts();
    let headers =
        parts.headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = to_bytes(body, 1_000).await.unwrap();
    (parts.status.as_u16(), headers.collect(), String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_structured_result_sets_status_headers_cookies_and_body() {
    let (status, headers, body) = response_of(&json!({
        "statusCode": 202,
        "headers": { "Location": "/donations/1", "Retry-After": 1, "content-type": "application/json" },
        "cookies": ["a=1", "b=2"],
        "body": "e30=",
        "isBase64Encoded": true
    }))
    .await;
    assert_eq!((status, body.as_str()), (202, "{}"));
    for (name, value) in [
        ("location", "/donations/1"),
        ("retry-after", "1"),
        ("content-type", "application/json"),
        ("set-cookie", "a=1"),
        ("set-cookie", "b=2"),
    ] {
        assert!(
            headers.contains(&(name.to_owned(), value.to_owned())),
            "{name}: {value} is missing in {headers:?}"
        );
    }
}

#[tokio::test]
async fn a_result_without_a_status_is_the_body_itself() {
    let (status, headers, body) = response_of(&json!({ "ok": true })).await;
    assert_eq!((status, body.as_str()), (200, r#"{"ok":true}"#));
    assert_eq!(headers, [("content-type".to_owned(), "application/json".to_owned())]);
    assert_eq!(response_of(&json!("Hello")).await.2, "Hello");
}

#[test]
fn a_result_that_cannot_be_sent_is_an_error() {
    for result in [
        "",
        "{",
        r#"{"statusCode":99}"#,
        r#"{"statusCode":"x"}"#,
        r#"{"statusCode":200,"body":7}"#,
        r#"{"statusCode":200,"body":"*","isBase64Encoded":true}"#,
        r#"{"statusCode":200,"headers":{"a b":"c"}}"#,
        r#"{"statusCode":200,"headers":{"a":"b\nc"}}"#,
    ] {
        assert!(response::map(result.as_bytes()).is_err(), "{result}");
    }
}
