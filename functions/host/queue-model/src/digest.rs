//! MD5 as SQS computes it, so that a client can check what arrived.
//!
//! Source: SQS developer guide, "Calculating the MD5 message digest for message attributes". MD5 guards
//! against transport errors here, never against anyone.

use data_encoding::HEXLOWER;
use md5::{Digest, Md5};

use crate::message::{Attributes, Value};

const TRANSPORT_STRING: u8 = 1;
const TRANSPORT_BINARY: u8 = 2;

/// MD5 of a body's UTF-8 bytes, lower-case hexadecimal.
pub fn of_body(body: &str) -> String {
    HEXLOWER.encode(&Md5::digest(body.as_bytes()))
}

/// MD5 of message attributes in order of name; none where there are no attributes.
///
/// Each part is preceded by its length in bytes as four big-endian bytes: name, type, then one byte for the
/// transport type, then the value.
pub fn of_attributes(attributes: &Attributes) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut hash = Md5::new();
    for (name, attribute) in attributes {
        part(&mut hash, name.as_bytes());
        part(&mut hash, attribute.data_type.as_bytes());
        match &attribute.value {
            Value::Text(text) => {
                hash.update([TRANSPORT_STRING]);
                part(&mut hash, text.as_bytes());
            }
            Value::Binary(bytes) => {
                hash.update([TRANSPORT_BINARY]);
                part(&mut hash, bytes);
            }
        }
    }
    Some(HEXLOWER.encode(&hash.finalize()))
}

fn part(hash: &mut Md5, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a part is bounded by the message's 1 MiB");
    hash.update(length.to_be_bytes());
    hash.update(bytes);
}
