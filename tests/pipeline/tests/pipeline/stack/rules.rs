//! What a door does with which calls.

use std::time::Instant;

use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};

use super::door::Side;

/// The SDK's name for one call, the same for every try of it.
const INVOCATION: &str = "amz-sdk-invocation-id";

/// What is done with a call.
#[derive(Clone)]
pub(super) enum Deed {
    Hold(Side),
    Refuse(Refusal),
    Change(fn(&str) -> String),
}

/// Which of the calls that have a rule's texts it is for.
pub(super) enum Scope {
    All,
    /// The first one, by its name, with every try of it.
    One(Option<String>),
    /// The next so many tries.
    Times(u32),
    /// Those beyond so many in one second.
    Above {
        most: u32,
        since: Instant,
        seen: u32,
    },
}

/// A rule.
pub(super) struct Rule {
    pub(super) deed: Deed,
    pub(super) scope: Scope,
    /// What a call must have in its headers or body, all of it; after a `!`, what it must not have.
    pub(super) texts: Vec<&'static str>,
}

/// The rules in force. The first that is for a call counts.
#[derive(Default)]
pub(super) struct Rules(Vec<Rule>);

impl Rules {
    pub(super) fn add(&mut self, rule: Rule) {
        self.0.push(rule);
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn of(&mut self, headers: &HeaderMap, body: &str) -> Option<Deed> {
        let mut text = body.to_owned();
        for value in headers.values() {
            text.push('\n');
            text.push_str(value.to_str().unwrap_or_default());
        }
        let call = headers.get(INVOCATION).map_or("", |name| name.to_str().unwrap());
        let has = |wanted: &&str| match wanted.strip_prefix('!') {
            Some(unwanted) => !text.contains(unwanted),
            None => text.contains(*wanted),
        };
        let is_about = |rule: &&mut Rule| rule.texts.iter().all(has);
        let mut about = self.0.iter_mut().filter(is_about);
        about.find_map(|rule| rule.scope.is_for(call).then(|| rule.deed.clone()))
    }
}

impl Scope {
    pub(super) fn above(most: u32) -> Self {
        Self::Above { most, since: Instant::now(), seen: 0 }
    }

    fn is_for(&mut self, call: &str) -> bool {
        match self {
            Self::All => true,
            Self::One(chosen) => chosen.get_or_insert_with(|| call.to_owned()) == call,
            Self::Times(left) => {
                let is_left = *left > 0;
                *left = left.saturating_sub(1);
                is_left
            }
            Self::Above { most, since, seen } => {
                if since.elapsed().as_secs() >= 1 {
                    (*since, *seen) = (Instant::now(), 0);
                }
                *seen += 1;
                *seen > *most
            }
        }
    }
}

/// An error as AWS words it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    status: u16,
    content_type: &'static str,
    /// The error's name where the protocol has it in a header, else empty.
    name: &'static str,
    body: &'static str,
}

impl Refusal {
    /// A table that is paid for by use and asked for more than it has grown to (DynamoDB developer guide,
    /// "Programmatic error handling").
    pub(crate) const THROTTLED: Self = Self {
        status: 400,
        content_type: "application/x-amz-json-1.0",
        name: "",
        body: "{\"__type\":\"com.amazon.coral.availability#ThrottlingException\",\
               \"message\":\"Throughput exceeds the current capacity of your table or index.\"}",
    };

    /// A table whose policy was changed by hand (the same guide). No repetition helps.
    pub(crate) const DENIED: Self = Self {
        status: 400,
        content_type: "application/x-amz-json-1.0",
        name: "",
        body: "{\"__type\":\"com.amazon.coral.service#AccessDeniedException\",\"message\":\"Not authorised\"}",
    };

    /// A topic of a region that is down (SNS API reference, "Common Errors").
    pub(crate) const TOPIC_AWAY: Self = Self {
        status: 503,
        content_type: "text/xml",
        name: "",
        body: "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error><Type>Receiver</Type>\
               <Code>ServiceUnavailable</Code><Message>Away</Message></Error><RequestId>0</RequestId></ErrorResponse>",
    };

    /// A mail service that is asked for too much at once (SES API v2 reference, `SendEmail`).
    pub(crate) const MAIL_REFUSED: Self = Self {
        status: 429,
        content_type: "application/json",
        name: "TooManyRequestsException",
        body: r#"{"message":"Maximum sending rate exceeded."}"#,
    };

    pub(super) fn response(&self) -> Response {
        let status = axum::http::StatusCode::from_u16(self.status).unwrap();
        let headers = [("content-type", self.content_type), ("x-amzn-errortype", self.name)];
        let named = usize::from(!self.name.is_empty());
        (status, axum::response::AppendHeaders(headers.into_iter().take(1 + named)), self.body)
            .into_response()
    }
}
