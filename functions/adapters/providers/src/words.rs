//! Providers' own names for things, made fit for a log.

/// A provider's name for something, fit for a log: letters, digits, `.`, `_` and `-`, and of bounded length.
///
/// Whatever else stands there may hold anything, a donor's details among it, and is not repeated.
pub(crate) fn word(text: &str) -> &str {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    if !text.is_empty() && text.len() <= 64 && text.bytes().all(fits) { text } else { "(unprintable)" }
}
