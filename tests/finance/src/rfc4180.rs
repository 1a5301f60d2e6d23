//! CSV read by the letter of RFC 4180.
//!
//! Common readers forgive what finance's importers trip over (a lone line feed, text after a closing quote),
//! and the exporter writes with one of them. This one forgives nothing.

use std::borrow::Cow;

/// Rows of cells; all rows have as many cells as the first.
pub(crate) type Rows<'a> = Vec<Vec<Cow<'a, str>>>;

/// Where the text is not RFC 4180.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {record}: {rule}")]
pub(crate) struct Malformed {
    /// Counted from 1, the header included.
    record: usize,
    rule: &'static str,
}

/// Reads a whole text. Every record, the last one too, ends with CRLF.
pub(crate) fn read(text: &str) -> Result<Rows<'_>, Malformed> {
    let (mut rows, mut rest): (Rows<'_>, _) = (Vec::new(), text);
    while !rest.is_empty() {
        let (row, after) = record(rest).map_err(|rule| Malformed { record: rows.len() + 1, rule })?;
        if rows.first().is_some_and(|first| first.len() != row.len()) {
            return Err(Malformed { record: rows.len() + 1, rule: "it has not as many cells as the header" });
        }
        rows.push(row);
        rest = after;
    }
    if rows.is_empty() {
        return Err(Malformed { record: 1, rule: "there is no header" });
    }
    Ok(rows)
}

fn record(mut rest: &str) -> Result<(Vec<Cow<'_, str>>, &str), &'static str> {
    let mut row = Vec::new();
    loop {
        let (cell, after) = if rest.starts_with('"') { quoted(rest)? } else { plain(rest)? };
        row.push(cell);
        if let Some(next) = after.strip_prefix(',') {
            rest = next;
        } else if let Some(next) = after.strip_prefix("\r\n") {
            return Ok((row, next));
        } else {
            return Err("a cell must be followed by a comma or CRLF");
        }
    }
}

fn plain(rest: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let end = rest.find([',', '\r', '\n', '"']).unwrap_or(rest.len());
    let (cell, after) = rest.split_at(end);
    if after.starts_with('"') {
        return Err("a quote stands in a cell without quotes");
    }
    Ok((Cow::Borrowed(cell), after))
}

fn quoted(rest: &str) -> Result<(Cow<'_, str>, &str), &'static str> {
    let (_, inner) = rest.split_at(1);
    let mut from = 0;
    loop {
        let quote = inner[from..].find('"').ok_or("a quote is never closed")? + from;
        if !inner[quote + 1..].starts_with('"') {
            let cell = &inner[..quote];
            let cell = if from == 0 { Cow::Borrowed(cell) } else { Cow::Owned(cell.replace("\"\"", "\"")) };
            return Ok((cell, &inner[quote + 1..]));
        }
        from = quote + 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_commas_and_line_ends_in_quotes_are_read() {
        let rows = read("a,b\r\n\"x,\"\"y\"\"\r\n\",\r\n\"\"\"\",\"\"\r\n").unwrap();
        assert_eq!(rows, [["a", "b"], ["x,\"y\"\r\n", ""], ["\"", ""]]);
    }

    #[test]
    fn whatever_is_not_rfc_4180_is_refused() {
        for (text, record) in [
            ("", 1),
            ("a,b", 1),
            ("a,b\n", 1),
            ("a\rb\r\n", 1),
            ("a,b\r\n1\r\n", 2),
            ("a\r\n1,2\r\n", 2),
            ("a\r\n\"1\" \r\n", 2),
            ("a\r\n1\"\r\n", 2),
            ("a\r\n\"1\r\n", 2),
            ("a,b\r\n\r\n", 2),
        ] {
            assert_eq!(read(text).unwrap_err().record, record, "{text:?}");
        }
    }
}
