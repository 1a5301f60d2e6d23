//! The `Idempotency-Key` header.
//!
//! Source: draft-ietf-httpapi-idempotency-key-header-07. The draft makes the value a structured-field string, in
//! quotes (RFC 9651, section 3.3.3); many clients send it bare, so both are read, and both name the same key.

use crate::problem::{Problem, ProblemType};
use domain::card_data::holds_card_number;
use domain::ids::IdempotencyKey;

const HEADER: &str = "Idempotency-Key";

/// Reads the key from all values of the header.
///
/// # Errors
/// A problem that names the header and the rule it breaks, without the value.
pub fn read(values: &[&str]) -> Result<IdempotencyKey, Problem> {
    let refuse = |detail: &str| Problem::new(ProblemType::InvalidHeader, Some(HEADER), detail);
    let value = match values {
        [] => {
            return Err(refuse(
                "The header is missing. Mint one key for each checkout and repeat it with each retry.",
            ));
        }
        // API Gateway joins the values of a header that is there twice with a comma, so a bare key has none.
        [value] if !value.trim().starts_with('"') && value.contains(',') => {
            return Err(refuse("The header must be there once, and a key with a comma needs quotes."));
        }
        [value] => *value,
        [_, _, ..] => return Err(refuse("The header must be there once.")),
    };
    let key = unquote(value.trim())
        .ok_or_else(|| refuse("The quoted string is not closed or not escaped properly."))?;
    // A key has a grammar of its own, so only a key that is nothing but digits and separators is taken for a card.
    let is_number_like = key.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b' ' | b'.'));
    if is_number_like && holds_card_number(&key) {
        let detail = "The key looks like a card number. It was not stored.";
        return Err(Problem::new(ProblemType::CardDataNotAllowed, Some(HEADER), detail));
    }
    IdempotencyKey::parse(&key).map_err(|malformed| refuse(&format!("The key {malformed}.")))
}

/// A bare value as it is, or what a structured-field string holds.
fn unquote(value: &str) -> Option<String> {
    let Some(rest) = value.strip_prefix('"') else { return Some(value.to_owned()) };
    let inner = rest.strip_suffix('"')?;
    let mut key = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some(escaped @ ('"' | '\\')) => key.push(escaped),
                Some(_) | None => return None,
            },
            '"' => return None,
            _ => key.push(character),
        }
    }
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "8e03978e-40d5-43dd-bc93-6894a57f9324";

    #[test]
    fn a_bare_and_a_quoted_key_are_the_same_key() {
        let quoted = format!("\"{KEY}\"");
        assert_eq!(read(&[KEY]).unwrap(), read(&[&quoted]).unwrap());
        assert_eq!(read(&[r#""sixteen \"quoted\" ""#]).unwrap_err().status, 400, "a space is not visible");
        assert_eq!(read(&[r#""sixteen\"characters""#]).unwrap().as_str(), "sixteen\"characters");
    }

    #[test]
    fn a_key_that_is_missing_twice_there_or_malformed_is_refused() {
        for values in [
            &[][..],
            &[KEY, KEY],
            &["fifteen-charact"],
            &["bare-key-sent-twice,bare-key-sent-twice"],
            &["\"quoted-key-sent-twice\",\"quoted-key-sent-twice\""],
            &["\"unclosed-quoted-key"],
            &["has a space inside it"],
        ] {
            assert_eq!(read(values).unwrap_err().status, 400, "{values:?}");
        }
        assert!(read(&["k".repeat(255).as_str()]).is_ok());
        assert_eq!(read(&["\"a-quoted-key,with-a-comma\""]).unwrap().as_str(), "a-quoted-key,with-a-comma");
        assert!(read(&["k".repeat(256).as_str()]).is_err());
    }

    #[test]
    fn a_card_number_as_a_key_is_refused_without_an_echo() {
        let problem = read(&["4242-4242-4242-4242"]).unwrap_err();
        assert_eq!(problem.status, 422);
        assert!(!serde_json::to_string(&problem).unwrap().contains("4242"));
    }
}
