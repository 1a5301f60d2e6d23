//! The secrets of a demonstration: made at the first start, kept in a file that only its owner may read.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::folder::write_private;
use super::settings::StripeAccount;
use crate::random;

/// The secrets. They have no `Debug` on purpose.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Secrets {
    /// Signs the capability in a status URL: 32 bytes in base64.
    capability_key: String,
    /// Signs the sandbox's webhooks.
    pub(super) webhook_secret: String,
    /// Opens the sandbox's API.
    pub(super) sandbox_api_key: String,
}

/// Why there are no secrets.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// The file is not as it was written.
    #[error(
        "{} is damaged ({reason}). Restore it from a copy; if you move it away, new secrets are made and the status \
         URLs given out so far stop working",
        path.display()
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong, without the content.
        reason: String,
    },
    /// The file cannot be read or written.
    #[error("{} cannot be used: {source}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Secrets {
    /// Reads the secrets, or makes them where there are none.
    pub(super) fn open(path: &Path) -> Result<Self, SecretsError> {
        match std::fs::read_to_string(path) {
            Ok(text) => Self::read(path, &text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Self::make(path),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Err(damaged(path, "it is not UTF-8 text".to_owned()))
            }
            Err(source) => Err(SecretsError::Unusable { path: path.to_owned(), source }),
        }
    }

    fn read(path: &Path, text: &str) -> Result<Self, SecretsError> {
        // The reader's own message could quote a value; where the fault lies is enough.
        let secrets: Self = serde_json::from_str(text).map_err(|error| {
            damaged(path, format!("not the expected JSON at line {} column {}", error.line(), error.column()))
        })?;
        let key_length = BASE64.decode(secrets.capability_key.as_bytes()).map(|key| key.len());
        if !matches!(key_length, Ok(32..)) {
            return Err(damaged(path, "capability_key is not base64 of at least 32 bytes".to_owned()));
        }
        if !secrets.webhook_secret.starts_with("whsec_") {
            return Err(damaged(path, "webhook_secret does not begin with whsec_".to_owned()));
        }
        if !secrets.sandbox_api_key.starts_with("sk_test_") {
            return Err(damaged(path, "sandbox_api_key does not begin with sk_test_".to_owned()));
        }
        Ok(secrets)
    }

    fn make(path: &Path) -> Result<Self, SecretsError> {
        let secrets = Self {
            capability_key: BASE64.encode(&random::bytes::<32>()),
            webhook_secret: format!("whsec_{}", random::hex::<24>()),
            sandbox_api_key: format!("sk_test_{}", random::hex::<24>()),
        };
        let text = serde_json::to_string_pretty(&secrets).expect("three strings are JSON");
        match write_private(path, &text) {
            Ok(()) => Ok(secrets),
            Err(source) => Err(SecretsError::Unusable { path: path.to_owned(), source }),
        }
    }

    /// Opens the GoCardless side of the sandbox. Derived, so that a file of an earlier version serves on.
    pub(super) fn gocardless_token(&self) -> String {
        format!("sandbox_{}", self.derived("gocardless access token"))
    }

    /// Signs the GoCardless side's webhooks.
    pub(super) fn gocardless_webhook_secret(&self) -> String {
        self.derived("gocardless webhook secret")
    }

    fn derived(&self, what: &str) -> String {
        HEXLOWER.encode(&Sha256::digest(format!("{what}|{}", self.capability_key)))
    }

    /// The texts of the topology's secrets, by logical name.
    pub(super) fn texts(&self, stripe: Option<&StripeAccount>) -> BTreeMap<String, String> {
        let (api_key, webhook_secret) = match stripe {
            Some(account) => {
                (&account.api_key, account.webhook_secret.as_ref().unwrap_or(&self.webhook_secret))
            }
            None => (&self.sandbox_api_key, &self.webhook_secret),
        };
        let provider = json!({ "api_key": api_key, "webhook_secrets": [webhook_secret] });
        let capability = json!({ "keys": [self.capability_key] });
        let gocardless = json!({
            "api_key": self.gocardless_token(), "webhook_secrets": [self.gocardless_webhook_secret()],
        });
        BTreeMap::from([
            ("provider-stripe".to_owned(), provider.to_string()),
            ("provider-gocardless".to_owned(), gocardless.to_string()),
            ("capability-key".to_owned(), capability.to_string()),
        ])
    }
}

fn damaged(path: &Path, reason: String) -> SecretsError {
    SecretsError::Damaged { path: path.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn secrets_are_made_once_and_only_their_owner_may_read_them() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        let made = Secrets::open(&path).ok().unwrap();
        let read = Secrets::open(&path).ok().unwrap();
        assert_eq!(made.texts(None), read.texts(None));
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_refused_without_showing_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets.json");
        Secrets::open(&path).ok().unwrap();
        let whole = std::fs::read_to_string(&path).unwrap();
        for text in [
            &whole[..whole.len() - 20],
            "",
            &whole.replace("whsec_", "wrong_"),
            &whole.replace("sk_test_", ""),
        ] {
            std::fs::write(&path, text).unwrap();
            let Err(SecretsError::Damaged { reason, .. }) = Secrets::open(&path) else {
                panic!("accepted {text}")
            };
            assert!(!reason.contains("wrong_"), "{reason}");
        }
    }

    #[test]
    fn the_topologys_secrets_are_all_there() {
        let folder = tempfile::tempdir().unwrap();
        let secrets = Secrets::open(&folder.path().join("secrets.json")).ok().unwrap();
        let texts = secrets.texts(None);
        let topology = contracts::topology::Topology::shipped();
        assert_eq!(texts.keys().collect::<Vec<_>>(), topology.secrets.keys().collect::<Vec<_>>());
    }
}
