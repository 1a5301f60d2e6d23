//! Form bodies and query strings with Stripe's nesting: `a[b]=c`, `expand[]=x`, `expand[0]=x`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::stripe::refusal::Refusal;

/// The most name-value pairs in one request.
const PAIRS_MAX: usize = 500;

/// The deepest nesting, `a[b][c][d][e]`.
const DEPTH_MAX: usize = 5;

/// One parameter: a value, or parameters within it. A list is a map from its indices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Text(String),
    Nested(BTreeMap<String, Field>),
}

/// The parameters of one request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Params {
    pub(crate) fields: BTreeMap<String, Field>,
}

impl Params {
    /// Reads `application/x-www-form-urlencoded` bytes.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(bytes)
            .map_err(|_| Refusal::request("The parameters are not form-encoded UTF-8."))?;
        if pairs.len() > PAIRS_MAX {
            return Err(Refusal::request(format!("At most {PAIRS_MAX} parameters may be sent.")));
        }
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            let segments = segments(&name).ok_or_else(|| malformed(&name))?;
            insert(&mut fields, &segments, value).ok_or_else(|| malformed(&name))?;
        }
        Ok(Self { fields })
    }

    /// A digest of the path and every parameter, whatever their order and spelling on the wire.
    pub(crate) fn fingerprint(&self, path: &str) -> Vec<u8> {
        let mut digest = Sha256::new();
        digest.update(path);
        digest.update([0]);
        digest_fields(&mut digest, &self.fields);
        digest.finalize().to_vec()
    }
}

fn malformed(name: &str) -> Refusal {
    Refusal::param(name, "The parameter's name is not a name, or clashes with another one.")
}

/// Splits `a[b][]` into `a`, `b` and an empty segment.
fn segments(name: &str) -> Option<Vec<&str>> {
    let (first, rest) = name.split_once('[').map_or((name, None), |(first, rest)| (first, Some(rest)));
    let mut segments = vec![first];
    if let Some(rest) = rest {
        segments.extend(rest.strip_suffix(']')?.split("]["));
    }
    let plain = segments.iter().all(|segment| !segment.contains(['[', ']']));
    (plain && !first.is_empty() && segments.len() <= DEPTH_MAX).then_some(segments)
}

/// Puts a value in its place. None where the place is taken by something of another shape.
fn insert(fields: &mut BTreeMap<String, Field>, segments: &[&str], value: String) -> Option<()> {
    let (first, rest) = segments.split_first()?;
    let name = if first.is_empty() { fields.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        // As in any form, the last of two equal names wins.
        if matches!(fields.insert(name, Field::Text(value)), Some(Field::Nested(_))) {
            return None;
        }
        return Some(());
    }
    match fields.entry(name).or_insert_with(|| Field::Nested(BTreeMap::new())) {
        Field::Nested(inner) => insert(inner, rest, value),
        Field::Text(_) => None,
    }
}

/// Each part is preceded by its kind and length, so that no two sets of fields give the same bytes.
fn digest_fields(digest: &mut Sha256, fields: &BTreeMap<String, Field>) {
    for (name, field) in fields {
        digest_text(digest, b'n', name);
        match field {
            Field::Text(value) => digest_text(digest, b't', value),
            Field::Nested(inner) => {
                digest.update(b"{");
                digest_fields(digest, inner);
                digest.update(b"}");
            }
        }
    }
}

fn digest_text(digest: &mut Sha256, kind: u8, text: &str) {
    digest.update([kind]);
    digest.update(text.len().to_be_bytes());
    digest.update(text);
}
