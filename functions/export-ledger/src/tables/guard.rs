//! What keeps a text a text when a spreadsheet opens the file.

/// Letters that may stand in what an English spreadsheet reads as a number, a date or a time: exponents,
/// halves of the day, the marks of ISO 8601, and months.
const WORDS: [&str; 31] = [
    "e",
    "a",
    "am",
    "p",
    "pm",
    "t",
    "z",
    "jan",
    "january",
    "feb",
    "february",
    "mar",
    "march",
    "apr",
    "april",
    "may",
    "jun",
    "june",
    "jul",
    "july",
    "aug",
    "august",
    "sep",
    "sept",
    "september",
    "oct",
    "october",
    "nov",
    "november",
    "dec",
    "december",
];

/// A text with `'` before it when a spreadsheet would run it as a formula or keep another value in its place.
pub(crate) fn guarded(cell: String) -> String {
    if runs(&cell) || is_retyped(&cell) { format!("'{cell}") } else { cell }
}

/// Source: OWASP, CSV Injection; OWASP ASVS 5.0, requirement 1.2.10.
fn runs(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0'])
}

/// Whether the text could be read as a value of another type: `0012` would lose its zeros, `1-2` become a
/// day, `1e5` a hundred thousand and `true` a boolean. What is guarded without need costs a mark; what is not
/// guarded is lost.
fn is_retyped(cell: &str) -> bool {
    if cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false") {
        return true;
    }
    let is_mark = |mark: char| mark.is_ascii_digit() || ".,:;-/+()% $£€".contains(mark);
    let is_known = |word: &str| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
    cell.contains(|digit: char| digit.is_ascii_digit())
        && cell.chars().all(|letter| letter.is_ascii_alphabetic() || is_mark(letter))
        && cell.split(is_mark).filter(|word| !word.is_empty()).all(is_known)
}
