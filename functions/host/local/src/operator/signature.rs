//! The signature that S3 wants on a request, AWS Signature Version 4.
//!
//! Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html.

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

/// SHA-256 of no bytes: the body of a GET.
const EMPTY_BODY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Who signs, for which region.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signer<'a> {
    pub(super) access_key_id: &'a str,
    pub(super) secret: &'a str,
    pub(super) region: &'a str,
}

/// The headers of a signed GET, by name.
pub(super) type Headers = [(&'static str, String); 3];

impl Signer<'_> {
    /// Signs a GET of `path` (percent-encoded, without a query) at `host`. `moment` is `YYYYMMDDTHHMMSSZ`.
    pub(super) fn sign_get(&self, host: &str, path: &str, moment: &str) -> Headers {
        let date = moment.split('T').next().unwrap_or_default();
        let scope = format!("{date}/{}/s3/aws4_request", self.region);
        let signed = "host;x-amz-content-sha256;x-amz-date";
        let request = format!(
            "GET\n{path}\n\nhost:{host}\nx-amz-content-sha256:{EMPTY_BODY}\nx-amz-date:{moment}\n\n\
             {signed}\n{EMPTY_BODY}"
        );
        let text =
            format!("AWS4-HMAC-SHA256\n{moment}\n{scope}\n{}", HEXLOWER.encode(&Sha256::digest(request)));
        let key = format!("AWS4{}", self.secret).into_bytes();
        let key = [date, self.region, "s3", "aws4_request"].iter().fold(key, |key, part| mac(&key, part));
        let signature = HEXLOWER.encode(&mac(&key, &text));
        let credential = format!("{}/{scope}", self.access_key_id);
        [
            ("x-amz-date", moment.to_owned()),
            ("x-amz-content-sha256", EMPTY_BODY.to_owned()),
            (
                "authorization",
                format!(
                    "AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed},Signature={signature}"
                ),
            ),
        ]
    }
}

fn mac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// Percent-encodes a key for a path: everything but unreserved characters and the slash.
pub(super) fn encode_key(key: &str) -> String {
    key.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}
