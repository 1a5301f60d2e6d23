//! S3: s3s speaks the protocol and verifies signatures, s3s-fs keeps objects as files.
//!
//! What s3s-fs lacks is added here: a put to a bucket that does not exist is refused rather than making it, a
//! put that is refused leaves what was there, and puts are made one at a time, so that of two conditional
//! puts (`If-None-Match: *`) exactly one succeeds. There are no versions: a put over an object replaces it,
//! whatever the topology says. A key may not have another key as a folder (`a` and `a/b`), since both are
//! files.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use contracts::topology::Topology;
use s3s::{
    S3, S3Request, S3Response, S3Result,
    auth::{S3Auth, SecretKey},
    dto::{
        DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput, HeadBucketInput,
        HeadBucketOutput, HeadObjectInput, HeadObjectOutput, ListObjectsV2Input, ListObjectsV2Output,
        PutObjectInput, PutObjectOutput,
    },
    s3_error,
    service::{S3Service, S3ServiceBuilder},
};
use s3s_fs::FileSystem;
use tokio::sync::Mutex;

use crate::{
    calls::{self, Calls},
    error::StartError,
    settings::{ACCESS_KEY_ID, SECRET_ACCESS_KEY},
};

/// Passing name of an object that a put is about to replace; s3s-fs removes files of this form when it
/// starts.
const ASIDE: &str = ".tmp.aside.internal.part";

/// Makes the topology's buckets under `root` and the service over them.
pub(crate) fn service(root: &Path, topology: &Topology, calls: Calls) -> Result<S3Service, StartError> {
    for bucket in topology.buckets.keys() {
        let path = root.join(bucket);
        fs::create_dir_all(&path).map_err(|source| StartError::Folder { path, source })?;
    }
    let files = FileSystem::new(root)
        .map_err(|error| StartError::Buckets { path: root.to_owned(), reason: format!("{error:?}") })?;
    let buckets = Buckets { files, root: root.to_owned(), puts: Mutex::new(()), calls };
    let mut builder = S3ServiceBuilder::new(buckets);
    builder.set_auth(OneKey);
    Ok(builder.build())
}

/// The one access key.
struct OneKey;

#[async_trait::async_trait]
impl S3Auth for OneKey {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        if access_key == ACCESS_KEY_ID {
            return Ok(SecretKey::from(SECRET_ACCESS_KEY));
        }
        Err(s3_error!(
            InvalidAccessKeyId,
            "The AWS access key Id you provided does not exist in our records."
        ))
    }
}

/// What stood under a key before a put. s3s-fs replaces the file before it checks digests, so a put that is
/// refused may have done so.
enum Aside {
    Nothing,
    /// A second name of the old file.
    File(PathBuf),
}

impl Aside {
    fn of(path: &Path, aside: PathBuf) -> io::Result<Self> {
        match fs::remove_file(&aside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if !path.is_file() {
            return Ok(Self::Nothing);
        }
        fs::hard_link(path, &aside).map(|()| Self::File(aside))
    }

    fn forget(self) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::File(aside) => fs::remove_file(aside),
        }
    }

    fn restore(self, path: &Path) -> io::Result<()> {
        match self {
            Self::Nothing if path.is_file() => fs::remove_file(path),
            Self::Nothing => Ok(()),
            Self::File(aside) => fs::rename(aside, path),
        }
    }
}

struct Buckets {
    files: FileSystem,
    root: PathBuf,
    puts: Mutex<()>,
    calls: Calls,
}

impl Buckets {
    /// Counts a request, and refuses one for a bucket that does not exist or a key that is no plain path.
    fn admit<T>(&self, request: &S3Request<T>, what: [&str; 2], bucket: &str, key: &str) -> S3Result<()> {
        let function = calls::function_of(&request.headers);
        let [operation, action] = what;
        let checked = self.check(bucket, key);
        self.calls.request(&function, &format!("s3:{operation}"), checked.is_err());
        if checked.is_ok() {
            self.calls.action(&function, &format!("s3:{action}"), &format!("bucket:{bucket}"));
        }
        checked
    }

    fn check(&self, bucket: &str, key: &str) -> S3Result<()> {
        if bucket.starts_with('.') || !self.root.join(bucket).is_dir() {
            return Err(s3_error!(NoSuchBucket, "The specified bucket does not exist"));
        }
        let plain = |part: &str| !["", ".", ".."].contains(&part);
        if !key.is_empty() && !key.split('/').all(plain) {
            let rule = "This local endpoint takes no key with a part that is empty, '.' or '..'";
            return Err(s3_error!(InvalidArgument, "{rule}"));
        }
        Ok(())
    }
}

#[async_trait::async_trait]
impl S3 for Buckets {
    async fn put_object(&self, req: S3Request<PutObjectInput>) -> S3Result<S3Response<PutObjectOutput>> {
        let (bucket, key) = (req.input.bucket.clone(), req.input.key.clone());
        self.admit(&req, ["PutObject", "PutObject"], &bucket, &key)?;
        let _one_at_a_time = self.puts.lock().await;
        let path = self.root.join(&bucket).join(&key);
        let aside =
            Aside::of(&path, self.root.join(ASIDE)).map_err(|error| s3_error!(error, InternalError))?;
        let put = self.files.put_object(req).await;
        let ended = if put.is_ok() { aside.forget() } else { aside.restore(&path) };
        ended.map_err(|error| s3_error!(error, InternalError))?;
        put
    }

    async fn get_object(&self, req: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        self.admit(&req, ["GetObject", "GetObject"], &req.input.bucket, &req.input.key)?;
        self.files.get_object(req).await
    }

    async fn head_object(&self, req: S3Request<HeadObjectInput>) -> S3Result<S3Response<HeadObjectOutput>> {
        self.admit(&req, ["HeadObject", "GetObject"], &req.input.bucket, &req.input.key)?;
        self.files.head_object(req).await
    }

    async fn list_objects_v2(
        &self,
        req: S3Request<ListObjectsV2Input>,
    ) -> S3Result<S3Response<ListObjectsV2Output>> {
        self.admit(&req, ["ListObjectsV2", "ListBucket"], &req.input.bucket, "")?;
        self.files.list_objects_v2(req).await
    }

    async fn delete_object(
        &self,
        req: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        self.admit(&req, ["DeleteObject", "DeleteObject"], &req.input.bucket, &req.input.key)?;
        self.files.delete_object(req).await
    }

    async fn head_bucket(&self, req: S3Request<HeadBucketInput>) -> S3Result<S3Response<HeadBucketOutput>> {
        self.admit(&req, ["HeadBucket", "ListBucket"], &req.input.bucket, "")?;
        self.files.head_bucket(req).await
    }
}
