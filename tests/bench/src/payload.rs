//! What a program is invoked with: `POST /donations` as API Gateway hands it over (HTTP API, payload format 2.0).

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

/// The donation: the contracts' own example of a request with every field.
const DONATION: &str =
    include_str!("../../../contracts/http/examples/valid/donation-request/gift-aid-with-address.json");

/// The body that a donor's page sends: the example without the space that makes it readable.
///
/// # Errors
/// The example is no JSON.
pub(crate) fn donation() -> Result<String> {
    let donation: Value = serde_json::from_str(DONATION).context("the example of a donation is no JSON")?;
    Ok(donation.to_string())
}

/// The event of a donation with this key.
///
/// # Errors
/// The example of a donation is no JSON.
pub(crate) fn event(key: &str) -> Result<Vec<u8>> {
    let body = donation()?;
    let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0";
    let event = json!({
        "version": "2.0",
        "routeKey": "POST /donations",
        "rawPath": "/donations",
        "rawQueryString": "",
        "headers": {
            "accept": "application/json",
            "accept-encoding": "gzip, deflate, br, zstd",
            "accept-language": "en-GB,en;q=0.8,cy;q=0.5",
            "content-length": body.len().to_string(),
            "content-type": "application/json",
            "host": "donate.example.org",
            "idempotency-key": key,
            "origin": "https://www.example.org",
            "priority": "u=0",
            "referer": "https://www.example.org/",
            "sec-fetch-dest": "empty",
            "sec-fetch-mode": "cors",
            "sec-fetch-site": "same-site",
            "user-agent": agent,
            "x-amzn-trace-id": "Root=1-6921b0c0-0123456789abcdef01234567",
            "x-forwarded-for": "192.0.2.10",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "a1b2c3d4e5",
            "domainName": "donate.example.org",
            "domainPrefix": "donate",
            "http": {
                "method": "POST",
                "path": "/donations",
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": agent,
            },
            "requestId": "TnQXyjN0LPEEJ3g=",
            "routeKey": "POST /donations",
            "stage": "$default",
            "time": "21/Nov/2026:20:00:00 +0000",
            "timeEpoch": 1_795_291_200_000_u64,
        },
        "body": body,
        "isBase64Encoded": false,
    });
    Ok(event.to_string().into_bytes())
}

/// Makes sure that an answer to [`event`] accepts the donation.
///
/// # Errors
/// It does not; the answer is shown.
pub(crate) fn check(answer: &[u8]) -> Result<()> {
    let shown = || String::from_utf8_lossy(answer).into_owned();
    let answer: Value = serde_json::from_slice(answer).with_context(shown)?;
    ensure!(answer["statusCode"] == 202, "the donation was not accepted: {answer}");
    ensure!(answer["headers"]["location"].is_string(), "the answer has no Location: {answer}");
    Ok(())
}
