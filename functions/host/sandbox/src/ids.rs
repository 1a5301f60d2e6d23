//! Ids in Stripe's manner: a prefix that names the kind, and letters and digits nobody can guess.

use data_encoding::BASE32_DNSSEC;
use uuid::Uuid;

/// A new id such as `pi_068q…`: later ids sort after earlier ones.
#[expect(clippy::disallowed_methods, reason = "the sandbox's names are made here and nowhere else")]
pub(crate) fn new_id(prefix: &str) -> String {
    format!("{prefix}_{}", BASE32_DNSSEC.encode(Uuid::now_v7().as_bytes()))
}
