//! Requests and replies, and how a reply goes over the socket: whole, in part, or not at all.

use std::convert::Infallible;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited, StreamBody};
use hyper::body::{Frame, Incoming};

/// The largest request body, in bytes.
const BODY_MAX: usize = 64 * 1024;

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// Why a request could not be read.
pub(crate) enum Unread {
    /// The body is too long; the client is told.
    TooLong,
    /// The client went away.
    Gone,
}

impl Request {
    pub(crate) async fn read(request: hyper::Request<Incoming>) -> Result<Self, Unread> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, BODY_MAX)
            .collect()
            .await
            .map_err(|error| if error.is::<LengthLimitError>() { Unread::TooLong } else { Unread::Gone })?;
        Ok(Self {
            method: head.method,
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            headers: head.headers,
            body: body.to_bytes(),
        })
    }

    /// A header's text; none where it is missing or not visible ASCII.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) sending: Sending,
}

/// How a reply is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sending {
    Whole,
    /// Not at all: the connection is reset.
    Reset,
    /// The headers and half the body; then, after a while, the connection is closed.
    Half {
        wait: Duration,
    },
}

/// Makes hyper give up the connection without another byte.
#[derive(Debug, thiserror::Error)]
#[error("the connection is given up on purpose")]
pub(crate) struct GiveUp;

pub(crate) type ReplyBody = UnsyncBoxBody<Bytes, GiveUp>;

impl Reply {
    pub(crate) fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: vec![("content-type", content_type.to_owned())],
            body: body.into(),
            sending: Sending::Whole,
        }
    }

    /// A reply that never leaves: the peer sees a reset.
    pub(crate) fn reset() -> Self {
        Self { sending: Sending::Reset, ..Self::new(500, "text/plain", "") }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The response as hyper sends it. A reply in part says its whole length, so the peer knows that it was
    /// cut.
    pub(crate) fn into_response(self) -> Result<Response<ReplyBody>, GiveUp> {
        let length = self.body.len();
        let body = match self.sending {
            Sending::Reset => return Err(GiveUp),
            Sending::Whole => Full::new(Bytes::from(self.body)).map_err(never).boxed_unsync(),
            Sending::Half { wait } => half(&self.body, wait),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        response.headers_mut().insert("content-length", HeaderValue::from(length));
        for (name, value) in self.headers {
            // What a header echoes came in a header, or was checked; what cannot be one is left out.
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        Ok(response)
    }
}

fn never(never: Infallible) -> GiveUp {
    match never {}
}

/// Half the bytes, then a wait, then an error that closes the connection.
fn half(body: &[u8], wait: Duration) -> ReplyBody {
    let first = Bytes::copy_from_slice(&body[..body.len() / 2]);
    let frames = stream::unfold(Some(first), move |first| {
        let next: Pin<Box<dyn Future<Output = _> + Send>> = Box::pin(async move {
            if let Some(bytes) = first {
                return Some((Ok(Frame::data(bytes)), None));
            }
            tokio::time::sleep(wait).await;
            Some((Err(GiveUp), None))
        });
        next
    });
    StreamBody::new(frames).boxed_unsync()
}
