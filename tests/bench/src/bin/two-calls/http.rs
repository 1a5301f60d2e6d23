//! One connection that stays open, and one answer at a time on it.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::Failure;

/// Largest answer: an event of 6 MB and its head.
const ANSWER_MAX: usize = 7 * 1024 * 1024;

/// A connection.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Connection {
    /// Connects to `host:port`.
    pub(crate) fn open(address: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: vec![0; 16 * 1024] })
    }

    /// Sends a request and reads the answer: two system calls where the answer comes in one piece.
    pub(crate) fn call(&mut self, request: &[u8]) -> Result<Answer, Failure> {
        self.stream.write_all(request)?;
        let mut filled = 0;
        loop {
            if filled == self.buffer.len() {
                if filled >= ANSWER_MAX {
                    return Err("an answer that is too long".into());
                }
                self.buffer.resize(filled * 2, 0);
            }
            let read = self.stream.read(&mut self.buffer[filled..])?;
            if read == 0 {
                return Err("a connection that was closed".into());
            }
            filled += read;
            if let Some(answer) = Answer::read(&self.buffer[..filled])? {
                return Ok(answer);
            }
        }
    }
}

impl Answer {
    /// The answer in these bytes; `None` while a part of it is missing.
    fn read(bytes: &[u8]) -> Result<Option<Self>, Failure> {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
        let head = std::str::from_utf8(&bytes[..end])?;
        let status = head.get(9..12).ok_or("an answer without a status")?.parse()?;
        let length: usize = value(head, "content-length").ok_or("an answer without a length")?.parse()?;
        let body = &bytes[end + 4..];
        if body.len() < length {
            return Ok(None);
        }
        Ok(Some(Self { status, head: head.to_owned(), body: body[..length].to_vec() }))
    }

    /// A header by its name in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        value(&self.head, name)
    }
}

fn value<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = head.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_once_it_is_whole() {
        let whole = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nx-id: 7\r\n\r\n{}";
        for cut in 0..whole.len() {
            assert!(Answer::read(&whole[..cut]).unwrap().is_none(), "{cut} bytes");
        }
        let answer = Answer::read(whole).unwrap().unwrap();
        assert_eq!(
            (answer.status, answer.header("x-id"), answer.body.as_slice()),
            (202, Some("7"), &b"{}"[..])
        );
    }
}
