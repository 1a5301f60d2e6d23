//! The adapters, each in a world that shows what it did.

pub(crate) mod aws;
mod memory;
mod ministack;
pub(crate) mod queues;
mod stripe;

use std::sync::Arc;
use std::time::Duration;

use rustls::{ClientConfig, RootCertStore};

pub(crate) use aws::{OnAws, OnThisMachine};
pub(crate) use memory::InMemory;
pub(crate) use ministack::{OnMinistack, StoresOnMinistack};
pub(crate) use stripe::AtSandbox;

/// A client for plain HTTP on this machine; the library wants to be told that no certificate is trusted.
pub(crate) fn http_client() -> reqwest::Client {
    let tls = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    let client = reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy();
    client.timeout(Duration::from_secs(10)).build().unwrap()
}
