//! What every connector needs to know, and what a deployment can get wrong.

use std::time::Duration;

use reqwest::Url;

/// What a connector needs to know.
#[derive(Debug, Clone)]
pub struct ConnectorSettings<C> {
    /// Where the provider answers, such as `https://api.stripe.com`: `https`, or `http` on a loopback host,
    /// and no path.
    pub base_url: String,
    /// Where the API key is kept.
    pub credentials: C,
    /// How long anything may take; [`CallTimeouts::STANDARD`] in production.
    pub timeouts: CallTimeouts,
}

/// How long each part of a call may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallTimeouts {
    /// Reading the API key: seldom from anywhere but memory.
    pub credentials: Duration,
    /// Looking up the host, connecting and agreeing on TLS. Shorter than `call`, so that a host that cannot be reached
    /// is known to have got nothing.
    pub connect: Duration,
    /// Everything from connecting to the last byte of the answer; for a list, of all its pages.
    pub call: Duration,
}

impl CallTimeouts {
    /// Ten seconds for the call: a card payment takes one or two, and longer than that the donor waits in vain.
    pub const STANDARD: Self = Self {
        credentials: Duration::from_secs(2),
        connect: Duration::from_secs(3),
        call: Duration::from_secs(10),
    };

    pub(crate) const fn whole(&self) -> Duration {
        self.credentials.saturating_add(self.call)
    }
}

/// Why a connector cannot be made. Each is a mistake in the deployment.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The base URL cannot be read as a URL.
    #[error("{variable} must be a URL such as https://api.example.com")]
    NotAUrl {
        /// What the base URL is called in the environment.
        variable: &'static str,
    },
    /// The base URL is neither `https` nor `http` on a loopback host: API keys and donors would cross a
    /// network in clear.
    #[error("{variable} must begin with https://, or with http:// for a loopback host")]
    NotPrivate {
        /// What the base URL is called in the environment.
        variable: &'static str,
    },
    /// The base URL holds more than scheme, host and port.
    #[error("{variable} must hold a scheme, a host and perhaps a port, and nothing else")]
    MoreThanAHost {
        /// What the base URL is called in the environment.
        variable: &'static str,
    },
    /// The machine has no usable certificates of authorities, or TLS cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The HTTP client cannot be set up.
    #[error("cannot set up the HTTP client: {0}")]
    Client(#[source] reqwest::Error),
}

/// The base URL, checked; `variable` is its name in the environment.
pub(crate) fn base_url(text: &str, variable: &'static str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).map_err(|_| SettingsError::NotAUrl { variable })?;
    if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
        return Err(SettingsError::NotPrivate { variable });
    }
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !bare || !url.username().is_empty() || url.password().is_some() {
        return Err(SettingsError::MoreThanAHost { variable });
    }
    Ok(url)
}

/// Whether the URL's host is this machine, by an address that cannot be anything else or by its reserved
/// name (RFC 6761).
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
