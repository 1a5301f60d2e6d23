//! Ids in GoCardless's manner: two capitals that name the kind, then capitals and digits.

/// A new id such as `PM068Q…`: later ids sort after earlier ones.
pub(crate) fn new_id(prefix: &str) -> String {
    crate::ids::new_id(prefix).replacen('_', "", 1).to_uppercase()
}
