//! Finding card numbers where none may be.
//!
//! A card number that reaches a log or a queue brings all of it into the scope of PCI DSS, so any text that
//! holds one is refused before anything else happens to it, and is never echoed.

/// Fewest digits of a payment card number (ISO/IEC 7812).
const DIGITS_MIN: usize = 13;
/// Most digits of a payment card number (ISO/IEC 7812).
const DIGITS_MAX: usize = 19;

/// Whether the text holds what could be a card number: 13 to 19 digits, possibly grouped by white space,
/// hyphens or dots, that begin with 2 to 6 and pass the Luhn check.
///
/// Every window of a longer run of digits is tried, so neighbouring digits do not hide a number. One run of
/// random digits in ten passes the Luhn check: do not apply this to fields with a grammar of their own, such
/// as ids.
pub fn holds_card_number(text: &str) -> bool {
    let mut run: Vec<u8> = Vec::new();
    for character in text.chars() {
        if let Some(digit) = digit(character) {
            run.push(digit);
        } else if !groups_digits(character) {
            if run_holds_card_number(&run) {
                return true;
            }
            run.clear();
        }
    }
    run_holds_card_number(&run)
}

/// The value of a decimal digit as donors' keyboards write it: ASCII, full-width, Arabic-Indic and its
/// Persian form.
fn digit(character: char) -> Option<u8> {
    let zero = match character {
        '0'..='9' => '0',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return None,
    };
    u8::try_from(u32::from(character) - u32::from(zero)).ok()
}

/// White space, dots, dashes of any width, and the invisible characters that copying from a page brings
/// along.
fn groups_digits(character: char) -> bool {
    let is_invisible = matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}');
    let is_dash = matches!(character, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    character.is_whitespace() || character == '.' || is_dash || is_invisible
}

fn run_holds_card_number(run: &[u8]) -> bool {
    (DIGITS_MIN..=DIGITS_MAX.min(run.len()))
        .flat_map(|length| run.windows(length))
        .any(|window| (2..=6).contains(&window[0]) && passes_luhn(window))
}

/// The Luhn check (ISO/IEC 7812-1, annex B).
fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(position, &digit)| {
            let value = u32::from(digit) * if position % 2 == 1 { 2 } else { 1 };
            if value > 9 { value - 9 } else { value }
        })
        .sum();
    sum.is_multiple_of(10)
}

#[cfg(test)]
mod tests;
