//! Finished exports in an S3 bucket.

use app::ports::{Exports, Fault};
use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;

use crate::call::{Call, CallError};
use crate::connection::Aws;

const KEEP: &str = "keep an export";

/// S3's code for "there is an object of this key already" (HTTP 412).
const EXISTS: &str = "PreconditionFailed";

/// The bucket of exports.
#[derive(Debug, Clone)]
pub struct S3Exports {
    client: Client,
    bucket: String,
}

/// An export would have changed after it was given out.
#[derive(Debug, thiserror::Error)]
#[error("the bucket {bucket} holds other bytes under {key}")]
struct OtherBytes {
    bucket: String,
    key: String,
}

impl S3Exports {
    /// The exports in this bucket.
    pub fn new(aws: &Aws, bucket: impl Into<String>) -> Self {
        Self { client: aws.s3(), bucket: bucket.into() }
    }

    async fn is_there(&self, key: &str, bytes: &[u8]) -> Result<bool, Fault> {
        let call = || Call::new("s3:GetObject", "bucket", &self.bucket);
        let answer = self.client.get_object().bucket(&self.bucket).key(key).send().await;
        let answer = answer.map_err(|error| CallError::of(call(), error).into_fault(KEEP))?;
        if answer.content_length.and_then(|length| usize::try_from(length).ok()) != Some(bytes.len()) {
            return Ok(false);
        }
        let body = answer.body.collect().await;
        let body = body
            .map_err(|error| CallError::NoAnswer { call: call(), source: error.into() }.into_fault(KEEP))?;
        Ok(body.into_bytes() == bytes)
    }
}

impl Exports for S3Exports {
    /// Put on the condition that there is no object of this key. Where there is one, its bytes decide, so that a
    /// repetition after a lost answer is a success.
    async fn keep(&self, key: &str, media_type: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let put = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .key(key)
            .content_type(media_type)
            .if_none_match("*")
            .body(ByteStream::from(bytes.clone()));
        let Err(error) = put.send().await else { return Ok(()) };
        let error = CallError::of(Call::new("s3:PutObject", "bucket", &self.bucket), error);
        if error.code() != Some(EXISTS) {
            return Err(error.into_fault(KEEP));
        }
        if self.is_there(key, &bytes).await? {
            return Ok(());
        }
        let other = OtherBytes { bucket: self.bucket.clone(), key: key.to_owned() };
        Err(Fault::permanent(KEEP, other))
    }
}
