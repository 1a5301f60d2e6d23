//! AWS as `accept-donation` sees it: three actions, answered at once and counted.
//!
//! The shapes are those of the services' API references: `PutItem` in awsJson 1.0, `GetSecretValue` in awsJson 1.1,
//! `Publish` in awsQuery.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::json;

use crate::http1::{self, Message};

/// A capability key that looks invented: 32 times the letter k.
const CAPABILITY_KEYS: &str = r#"{"keys":["a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="]}"#;
/// The checksum of `{}`, which DynamoDB sends along.
const CRC32_OF_NOTHING: &str = "2745614147";
const REQUEST_ID: &str = "01234567-89ab-cdef-0123-456789abcdef";

/// The endpoint. It serves until the program ends.
pub(crate) struct Aws {
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    counts: Mutex<BTreeMap<String, Count>>,
    connections: AtomicUsize,
    delay_micros: AtomicU64,
}

/// Calls of one action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) calls: u64,
    /// Bytes of their heads, request lines included.
    pub(crate) head_bytes: u64,
    /// Bytes of their bodies.
    pub(crate) body_bytes: u64,
    /// How many were refused.
    pub(crate) refusals: u64,
}

impl Aws {
    /// Listens on the loopback interface, with TLS where there is a configuration for it.
    ///
    /// # Errors
    /// There is no port to be had.
    pub(crate) fn start(tls: Option<Arc<ServerConfig>>) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared::default());
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, tls) = (Arc::clone(&accepting), tls.clone());
                shared.connections.fetch_add(1, Ordering::Relaxed);
                thread::spawn(move || serve(stream, tls, &shared));
            }
        });
        Ok(Self { address, shared })
    }

    /// Waits this long before each answer.
    pub(crate) fn delay(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.shared.delay_micros.store(micros, Ordering::Relaxed);
    }

    /// What was counted since the last time, by action.
    pub(crate) fn take(&self) -> BTreeMap<String, Count> {
        std::mem::take(&mut *self.shared.counts.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Connections since the last time.
    pub(crate) fn take_connections(&self) -> usize {
        self.shared.connections.swap(0, Ordering::Relaxed)
    }
}

/// Serves one connection until the other side closes or breaks it, as it does when its process is ended.
fn serve(stream: TcpStream, tls: Option<Arc<ServerConfig>>, shared: &Shared) {
    let served = match tls {
        None => stream.set_nodelay(true).and_then(|()| talk(stream, shared)),
        Some(tls) => stream.set_nodelay(true).and_then(|()| {
            let connection = ServerConnection::new(tls).map_err(io::Error::other)?;
            talk(StreamOwned::new(connection, stream), shared)
        }),
    };
    if let Err(error) = served {
        let is_an_end =
            [io::ErrorKind::ConnectionReset, io::ErrorKind::BrokenPipe, io::ErrorKind::UnexpectedEof];
        if !is_an_end.contains(&error.kind()) {
            shared.note(&format!("unreadable ({error})"), None, true);
        }
    }
}

fn talk(stream: impl Read + Write, shared: &Shared) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = http1::read(&mut stream)? {
        let (action, status, kind, body) = reply(&request);
        shared.note(&action, Some(&request), status != "200 OK");
        let delay = shared.delay_micros.load(Ordering::Relaxed);
        if delay > 0 {
            thread::sleep(Duration::from_micros(delay));
        }
        let headers =
            [("content-type", kind), ("x-amzn-requestid", REQUEST_ID), ("x-amz-crc32", CRC32_OF_NOTHING)];
        let headers = if body == "{}" { &headers[..] } else { &headers[..2] };
        http1::answer(stream.get_mut(), status, headers, body.as_bytes())?;
    }
    Ok(())
}

impl Shared {
    fn note(&self, action: &str, request: Option<&Message>, is_refusal: bool) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(action.to_owned()).or_default();
        count.calls += 1;
        count.refusals += u64::from(is_refusal);
        if let Some(request) = request {
            count.head_bytes += u64::try_from(request.head_bytes).unwrap_or(u64::MAX);
            count.body_bytes += u64::try_from(request.body.len()).unwrap_or(u64::MAX);
        }
    }
}

/// The action, the status, the media type and the body. Whatever opens a connection ahead is refused as AWS would.
fn reply(request: &Message) -> (String, &'static str, &'static str, String) {
    let (ok, refused) = ("200 OK", "400 Bad Request");
    let (json10, json11, xml) = ("application/x-amz-json-1.0", "application/x-amz-json-1.1", "text/xml");
    let body = String::from_utf8_lossy(&request.body);
    let target = request.header("x-amz-target");
    if target == "DynamoDB_20120810.PutItem" {
        let action = "dynamodb:PutItem".to_owned();
        if body.contains("attribute_exists(id)") {
            let kind = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
            let refusal = json!({ "__type": kind, "message": "The conditional request failed" });
            return (action, refused, json10, refusal.to_string());
        }
        return (action, ok, json10, "{}".to_owned());
    }
    if target == "secretsmanager.GetSecretValue" {
        let secret = json!({
            "ARN": "arn:aws:secretsmanager:eu-west-2:000000000000:secret:capability-key",
            "Name": "capability-key",
            "SecretString": CAPABILITY_KEYS,
            "VersionId": REQUEST_ID,
            "VersionStages": ["AWSCURRENT"],
        });
        return ("secretsmanager:GetSecretValue".to_owned(), ok, json11, secret.to_string());
    }
    if target.is_empty() && body.starts_with("Action=Publish&") {
        let action = "sns:Publish".to_owned();
        if body.split('&').all(|field| field.strip_prefix("Message=").is_none_or(str::is_empty)) {
            let refusal = "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
                 <Type>Sender</Type><Code>InvalidParameter</Code><Message>Invalid parameter: Empty message</Message>\
                 </Error><RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ErrorResponse>";
            return (action, refused, xml, refusal.to_owned());
        }
        let published = "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>01234567-89ab-cdef-0123-456789abcdef</MessageId></PublishResult><ResponseMetadata>\
             <RequestId>01234567-89ab-cdef-0123-456789abcdef</RequestId></ResponseMetadata></PublishResponse>";
        return (action, ok, xml, published.to_owned());
    }
    let refusal =
        json!({ "__type": "UnknownOperationException", "message": "the benchmark has no such action" });
    (format!("unknown {}{target}", request.start), refused, json10, refusal.to_string())
}
