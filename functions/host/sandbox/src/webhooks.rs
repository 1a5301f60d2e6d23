//! Posts events to webhook endpoints.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, StatusCode, redirect};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::{self, PemObject};
use rustls::{ClientConfig, RootCertStore};

/// What is posted: the exact bytes, and the headers that its provider sends with them.
#[derive(Debug)]
pub(crate) struct Letter {
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// Posts signed events. Cheap to clone; the clones share their connections.
#[derive(Clone, Debug)]
pub(crate) struct Postman {
    client: Client,
}

/// Why a delivery does not count.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PostError {
    /// Nobody answered in time, or at all.
    #[error("the endpoint did not answer")]
    NoAnswer(#[source] reqwest::Error),
    /// Anything but 2xx, redirects included.
    #[error("the endpoint answered {0}")]
    Status(StatusCode),
}

/// Why the HTTP client could not be made: a fault of the build, or of the file of certificates.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The TLS library refused its own defaults, or a certificate.
    #[error("the TLS library refused its settings")]
    Tls(#[source] rustls::Error),
    /// The HTTP library refused its settings.
    #[error("the HTTP client refused its settings")]
    Http(#[source] reqwest::Error),
    /// The file of certificates is none.
    #[error("the certificates of the webhooks' receivers cannot be read")]
    Certificates(#[from] pem::Error),
}

impl Postman {
    /// Every try may take `timeout`. Of receivers over TLS those are trusted whose certificates are in this file.
    pub(crate) fn new(timeout: Duration, certificates: Option<&Path>) -> Result<Self, ClientError> {
        let mut trusted = RootCertStore::empty();
        for certificate in certificates.map(CertificateDer::pem_file_iter).transpose()?.into_iter().flatten()
        {
            trusted.add(certificate?).map_err(ClientError::Tls)?;
        }
        let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(ClientError::Tls)?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .redirect(redirect::Policy::none())
            .timeout(timeout)
            .build()
            .map_err(ClientError::Http)?;
        Ok(Self { client })
    }

    /// Posts one letter.
    pub(crate) async fn post(&self, url: &str, letter: Letter) -> Result<(), PostError> {
        let mut request = self.client.post(url).body(letter.body);
        for (name, value) in letter.headers {
            request = request.header(name, value);
        }
        let answer = request.send().await.map_err(PostError::NoAnswer)?;
        if answer.status().is_success() { Ok(()) } else { Err(PostError::Status(answer.status())) }
    }
}
