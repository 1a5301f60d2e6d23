//! As much of HTTP/1.1 (RFC 9112) as the benchmark's own servers and their one client need: bodies with a length, on
//! connections that stay open.

use std::io::{self, BufRead, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest line of a head, in bytes.
const LINE_MAX: u64 = 16 * 1024;
/// Most lines of a head.
const LINES_MAX: usize = 100;
/// Longest body, in bytes. An operator's page of the whole pipeline stays far below it.
const BODY_MAX: usize = 16 * 1024 * 1024;
/// How long the client waits for an answer.
const ANSWER_MAX: Duration = Duration::from_secs(30);

/// A request or an answer.
pub(crate) struct Message {
    /// The request line or the status line, without its end.
    pub(crate) start: String,
    /// Names in lower case, values without the space around them.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Bytes of the head on the wire.
    pub(crate) head_bytes: usize,
}

impl Message {
    /// The first value of a header, empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The method and the target of a request.
    pub(crate) fn method_and_target(&self) -> (&str, &str) {
        let mut words = self.start.split(' ');
        (words.next().unwrap_or_default(), words.next().unwrap_or_default())
    }

    /// The status of an answer.
    ///
    /// # Errors
    /// The status line has none.
    pub(crate) fn status(&self) -> io::Result<u16> {
        let word = self.start.split(' ').nth(1).unwrap_or_default();
        word.parse().map_err(|_| malformed("a status line without a status"))
    }
}

/// Reads the next message; `None` where the other side has closed the connection instead.
///
/// # Errors
/// The connection breaks, or what arrives is not a message within the bounds.
pub(crate) fn read(stream: &mut impl BufRead) -> io::Result<Option<Message>> {
    let Some(start) = line(stream)? else { return Ok(None) };
    let mut head_bytes = start.len() + 2;
    let mut headers = Vec::new();
    loop {
        let line = line(stream)?.ok_or_else(|| malformed("a head without an end"))?;
        head_bytes += line.len() + 2;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or_else(|| malformed("a header without a colon"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        if headers.len() > LINES_MAX {
            return Err(malformed("a head of too many lines"));
        }
    }
    let mut message = Message { start, headers, body: Vec::new(), head_bytes };
    if !message.header("transfer-encoding").is_empty() {
        return Err(malformed("a body without a length"));
    }
    let length = match message.header("content-length") {
        "" => 0,
        length => length.parse().map_err(|_| malformed("a length that is no number"))?,
    };
    if length > BODY_MAX {
        return Err(malformed("a body that is too long"));
    }
    message.body.resize(length, 0);
    stream.read_exact(&mut message.body)?;
    Ok(Some(message))
}

/// Writes an answer in one piece.
///
/// # Errors
/// The connection is broken.
pub(crate) fn answer(
    stream: &mut impl Write,
    status: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let mut answer = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        answer.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    answer.extend_from_slice(b"\r\n");
    answer.extend_from_slice(body);
    stream.write_all(&answer)?;
    stream.flush()
}

/// Sends one request over a connection of its own, and reads the answer.
///
/// # Errors
/// There is no connection, no answer in time, or no HTTP in it.
pub(crate) fn call(
    server: SocketAddr,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Message> {
    let mut stream = TcpStream::connect(server)?;
    stream.set_read_timeout(Some(ANSWER_MAX))?;
    let mut request =
        format!("{method} {target} HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n").into_bytes();
    request.extend_from_slice(format!("content-length: {}\r\n", body.len()).as_bytes());
    for (name, value) in headers {
        request.extend_from_slice(format!("{name}: {value}\r\n").as_bytes());
    }
    request.extend_from_slice(b"\r\n");
    request.extend_from_slice(body);
    stream.write_all(&request)?;
    read(&mut io::BufReader::new(stream))?.ok_or_else(|| malformed("no answer"))
}

fn line(stream: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let read = stream.by_ref().take(LINE_MAX).read_until(b'\n', &mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if !line.ends_with(b"\r\n") {
        return Err(malformed("a line without an end"));
    }
    line.truncate(line.len() - 2);
    String::from_utf8(line).map(Some).map_err(|_| malformed("a head that is not text"))
}

fn malformed(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_on_one_connection_are_read_one_after_the_other() {
        let wire =
            "POST /a HTTP/1.1\r\nContent-Length: 3\r\nX-Amz-Target:  put \r\n\r\nabcGET /b HTTP/1.1\r\n\r\n";
        let mut stream = wire.as_bytes();
        let first = read(&mut stream).unwrap().unwrap();
        assert_eq!(first.method_and_target(), ("POST", "/a"));
        assert_eq!((first.header("x-amz-target"), first.body.as_slice()), ("put", &b"abc"[..]));
        assert_eq!(first.head_bytes, wire.find("abc").unwrap());
        assert_eq!(read(&mut stream).unwrap().unwrap().method_and_target(), ("GET", "/b"));
        assert!(read(&mut stream).unwrap().is_none());
    }

    #[test]
    fn what_is_cut_off_or_has_no_length_is_an_error() {
        for wire in [
            "GET / HTTP/1.1\r\n",
            "GET / HTTP/1.1\r\ncontent-length: 3\r\n\r\nab",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 99999999999\r\n\r\n",
        ] {
            assert!(read(&mut wire.as_bytes()).is_err(), "{wire:?}");
        }
    }
}
