//! A certificate of our own, and what a program needs to trust it.

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::NamedTempFile;

/// Where Debian and Amazon Linux keep the certificates that a program reads at its start.
const BUNDLES: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// The server's side, and the bundle for the other side.
pub(crate) struct Identity {
    pub(crate) server: Arc<ServerConfig>,
    /// For `SSL_CERT_FILE`: this machine's certificates and ours, so that reading them costs what it does in Lambda.
    pub(crate) bundle: NamedTempFile,
    /// Certificates in the bundle.
    pub(crate) certificates: usize,
}

impl Identity {
    /// A fresh one for `127.0.0.1`.
    ///
    /// # Errors
    /// The certificate cannot be made, or the bundle not written.
    pub(crate) fn fresh() -> Result<Self> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let key = PrivateKeyDer::try_from(signing_key.serialize_der())
            .map_err(|problem| anyhow::anyhow!("the server's key: {problem}"))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)?;
        let system = BUNDLES.iter().map(Path::new).find(|path| path.exists());
        let mut text = match system {
            Some(path) => std::fs::read_to_string(path).context("this machine's certificates")?,
            None => String::new(),
        };
        text.push_str(&cert.pem());
        let mut bundle = NamedTempFile::new()?;
        bundle.write_all(text.as_bytes())?;
        bundle.flush()?;
        let certificates = text.matches("BEGIN CERTIFICATE").count();
        Ok(Self { server: Arc::new(server), bundle, certificates })
    }
}
