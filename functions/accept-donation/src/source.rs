//! The address that a request came from.
//!
//! API Gateway tells it in the event. Behind CloudFront that would be one of CloudFront's own addresses, and the
//! viewer's stands in a header that CloudFront sets and overwrites
//! (docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html).

use std::net::IpAddr;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;

/// CloudFront's header: the viewer's address, a colon, and the viewer's port. IPv6 addresses stand without brackets.
const VIEWER: &str = "cloudfront-viewer-address";

/// Where the caller's address is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceAddress {
    /// From the connection to API Gateway.
    Connection,
    /// From CloudFront's header. For an API that only CloudFront can reach: any other caller could write what it likes
    /// there.
    CloudFrontViewer,
}

impl SourceAddress {
    /// Reads the setting.
    ///
    /// # Errors
    /// The rule, where it is neither.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        match text {
            "connection" => Ok(Self::Connection),
            VIEWER => Ok(Self::CloudFrontViewer),
            _ => Err("must be connection or cloudfront-viewer-address"),
        }
    }

    /// The caller's address; `None` where it is not there or not readable, which makes the caller one of the unknown
    /// and the donation no less welcome.
    pub(crate) fn of(self, request: &ApiGatewayV2httpRequest) -> Option<IpAddr> {
        match self {
            Self::Connection => request.request_context.http.source_ip.as_deref()?.parse().ok(),
            Self::CloudFrontViewer => match kit::http::header_values(&request.headers, VIEWER)[..] {
                [value] => viewer(value),
                [] | [_, _, ..] => None,
            },
        }
    }
}

fn viewer(value: &str) -> Option<IpAddr> {
    let (address, port) = value.trim().rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    address.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(setting: &str, header: &str) -> Option<String> {
        let request = json!({
            "version": "2.0",
            "headers": { VIEWER: header },
            "requestContext": { "http": { "method": "POST", "path": "/donations", "sourceIp": "192.0.2.1" } },
            "isBase64Encoded": false
        });
        let request = serde_json::from_value(request).unwrap();
        SourceAddress::parse(setting).unwrap().of(&request).map(|address| address.to_string())
    }

    #[test]
    fn the_connections_address_counts_whatever_a_header_says() {
        assert_eq!(read("connection", "198.51.100.9:4711").as_deref(), Some("192.0.2.1"));
    }

    #[test]
    fn behind_cloudfront_the_viewers_address_counts_without_its_port() {
        let viewer = |header| read(VIEWER, header);
        assert_eq!(viewer("198.51.100.9:4711").as_deref(), Some("198.51.100.9"));
        assert_eq!(viewer("2001:db8::1:4711").as_deref(), Some("2001:db8::1"));
        assert_eq!(viewer("[2001:db8::1]:4711").as_deref(), Some("2001:db8::1"));
        for header in ["", "198.51.100.9", "somebody:4711", "198.51.100.9:http"] {
            assert_eq!(viewer(header), None, "{header}");
        }
    }

    #[test]
    fn any_other_setting_is_refused() {
        assert!(SourceAddress::parse("x-forwarded-for").is_err());
    }
}
