//! Who asks, and in which version: `Authorization: Bearer TOKEN` and `GoCardless-Version`.
//!
//! Rules: <https://developer.gocardless.com/api-reference/#api-usage-making-requests>.

use secrecy::{ExposeSecret, SecretString};

use super::refusal::Refusal;
use crate::http::Request;

/// The one version that GoCardless has, and the only one that the sandbox speaks.
pub(crate) const VERSION: &str = "2015-07-06";

/// Checks both headers. The token is never repeated.
pub(crate) fn check(request: &Request, token: &SecretString) -> Result<(), Refusal> {
    let header = request.header("authorization").ok_or_else(|| {
        Refusal::usage(401, "missing_authorization_header", "No authorization header was supplied")
    })?;
    let given = header.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, given) = given.ok_or_else(|| {
        Refusal::usage(401, "invalid_authorization_header", "The authorization header must be a Bearer token")
    })?;
    if given.trim() != token.expose_secret() {
        return Err(Refusal::usage(401, "access_token_not_found", "The access token was not found"));
    }
    match request.header("gocardless-version") {
        Some(VERSION) => Ok(()),
        Some(_) => Err(Refusal::usage(400, "version_not_found", "Version not found")),
        None => Err(Refusal::usage(400, "missing_version_header", "Missing 'GoCardless-Version' header")),
    }
}
