//! A server of raw bytes on loopback, which does what no HTTP library would let it do.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// What the server does with one request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Reads the request and writes these bytes; the connection stays open for the next act.
    Write(Vec<u8>),
    /// Reads the request, writes these bytes, and ends the connection in good order.
    WriteAndClose(Vec<u8>),
    /// Reads the request, writes these bytes, and then says nothing more until the client goes.
    WriteAndStall(Vec<u8>),
    /// Reads the request, writes these bytes, and then spaces until the client goes.
    WriteAndFlood(Vec<u8>),
    /// Ends the connection without having read a byte; what the client sent is answered by a reset.
    CloseUnread,
    /// Reads one byte of the request and drops the connection, which resets it.
    Reset,
}

/// The server; it ends after its last act.
pub(crate) struct Server {
    pub(crate) url: String,
    requests: Receiver<String>,
}

impl Server {
    /// Starts a server that performs these acts, one per request.
    pub(crate) fn acting(acts: impl IntoIterator<Item = Act>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, requests) = channel();
        let mut acts: Vec<Act> = acts.into_iter().collect();
        acts.reverse();
        thread::spawn(move || {
            while !acts.is_empty() {
                let (stream, _) = listener.accept().unwrap();
                perform(stream, &mut acts, &sender);
            }
        });
        Self { url, requests }
    }

    /// Every request read so far, as it came.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.try_iter().collect()
    }
}

/// An HTTP answer with this status, these header lines and this body, which says that it is the
/// last on its connection: without that word a client may send its next request into the very
/// moment of the close, and would lose it.
pub(crate) fn answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    open_answer(status, &format!("connection: close\r\n{headers}"), body)
}

/// An HTTP answer that leaves the connection open for the next request.
pub(crate) fn open_answer(status: u16, headers: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} Example\r\ncontent-length: {length}\r\n{headers}\r\n{body}").into_bytes()
}

/// A server that gives one answer.
pub(crate) fn answering(status: u16, headers: &str, body: &str) -> Server {
    Server::acting([Act::WriteAndClose(answer(status, headers, body))])
}

fn perform(mut stream: TcpStream, acts: &mut Vec<Act>, requests: &Sender<String>) {
    while let Some(act) = acts.pop() {
        match act {
            Act::CloseUnread => return,
            Act::Reset => {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                return;
            }
            Act::Write(bytes) => {
                requests.send(read_request(&mut stream)).unwrap();
                stream.write_all(&bytes).unwrap();
            }
            Act::WriteAndClose(bytes) => {
                requests.send(read_request(&mut stream)).unwrap();
                stream.write_all(&bytes).unwrap();
                return;
            }
            Act::WriteAndStall(bytes) => {
                requests.send(read_request(&mut stream)).unwrap();
                stream.write_all(&bytes).unwrap();
                wait_until_gone(&mut stream);
                return;
            }
            Act::WriteAndFlood(bytes) => {
                requests.send(read_request(&mut stream)).unwrap();
                stream.write_all(&bytes).unwrap();
                while stream.write_all(&[b' '; 8_192]).is_ok() {}
                return;
            }
        }
    }
}

fn wait_until_gone(stream: &mut TcpStream) {
    let mut rest = [0; 64];
    loop {
        match stream.read(&mut rest) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Reads head and body of one request; empty when the client went instead.
fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let read = stream.read(&mut chunk).unwrap();
        if read == 0 {
            return String::new();
        }
        bytes.extend_from_slice(&chunk[..read]);
    }
}
