//! Answers in the shapes of AWS's protocols.

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;
use serde_json::json;

use crate::{error::Unavailable, now::fresh_id};

/// The answer to a request.
pub(crate) type Reply = Response<Full<Bytes>>;

/// How a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// awsJson 1.0: DynamoDB, SQS, and whoever asks for a service that is not here.
    Json10,
    /// awsJson 1.1: Secrets Manager.
    Json11,
    /// awsQuery: SNS.
    Query,
    /// restJson1: SES.
    Rest,
}

/// An error as AWS words it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) status: StatusCode,
    /// The error's code; in JSON protocols with its namespace, which SDKs cut off.
    pub(crate) code: String,
    /// The code that SQS used before it spoke JSON; SDKs that still look for it find it in a header.
    pub(crate) query_code: Option<&'static str>,
    pub(crate) message: String,
}

impl Failure {
    /// The caller is at fault.
    pub(crate) fn sender(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { status: StatusCode::BAD_REQUEST, code: code.into(), query_code: None, message: message.into() }
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    pub(crate) fn with_query_code(mut self, code: &'static str) -> Self {
        self.query_code = Some(code);
        self
    }

    /// The store cannot serve: the caller may try again.
    pub(crate) fn unavailable(why: &Unavailable) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self {
            status,
            code: "InternalFailure".to_owned(),
            query_code: Some("InternalFailure"),
            message: why.to_string(),
        }
    }

    /// The failure in a protocol's shape.
    pub(crate) fn reply(&self, protocol: Protocol) -> Reply {
        let sender = self.status.is_client_error();
        let mut reply = match protocol {
            Protocol::Json10 | Protocol::Json11 => json_reply(
                self.status,
                protocol,
                json!({ "__type": self.code, "message": self.message }).to_string(),
            ),
            Protocol::Rest => {
                json_reply(self.status, protocol, json!({ "message": self.message }).to_string())
            }
            Protocol::Query => {
                let kind = if sender { "Sender" } else { "Receiver" };
                let error = format!(
                    "<Error><Type>{kind}</Type><Code>{}</Code><Message>{}</Message></Error>",
                    escape(&self.code),
                    escape(&self.message)
                );
                let request_id = fresh_id();
                let request_id = format!("<RequestId>{request_id}</RequestId>");
                let text =
                    format!("<ErrorResponse xmlns=\"{SNS_NAMESPACE}\">{error}{request_id}</ErrorResponse>");
                xml_reply(self.status, text)
            }
        };
        let plain = self.code.rsplit('#').next().unwrap_or(&self.code);
        if let Ok(value) = HeaderValue::from_str(plain) {
            reply.headers_mut().insert("x-amzn-errortype", value);
        }
        let fault = if sender { "Sender" } else { "Receiver" };
        let query_error = self.query_code.map(|code| HeaderValue::from_str(&format!("{code};{fault}")));
        if let Some(Ok(value)) = query_error {
            reply.headers_mut().insert("x-amzn-query-error", value);
        }
        reply
    }
}

pub(crate) const SNS_NAMESPACE: &str = "http://sns.amazonaws.com/doc/2010-03-31/";

/// An answer in JSON.
pub(crate) fn json_reply(status: StatusCode, protocol: Protocol, text: impl Into<Bytes>) -> Reply {
    let content_type = match protocol {
        Protocol::Json11 => "application/x-amz-json-1.1",
        Protocol::Rest => "application/json",
        Protocol::Json10 | Protocol::Query => "application/x-amz-json-1.0",
    };
    reply(status, content_type, text)
}

/// An answer in XML.
pub(crate) fn xml_reply(status: StatusCode, text: impl Into<Bytes>) -> Reply {
    reply(status, "text/xml", text)
}

fn reply(status: StatusCode, content_type: &'static str, text: impl Into<Bytes>) -> Reply {
    let mut reply = Response::new(Full::new(text.into()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    let request_id = fresh_id();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        reply.headers_mut().insert("x-amzn-requestid", value);
    }
    reply
}

/// Text made safe for XML.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            other => escaped.push(other),
        }
    }
    escaped
}
