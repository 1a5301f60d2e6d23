//! Rules about what stands in the sources.

use crate::files::texts;

/// Words that the project does not use for its own things, and the word to use instead.
const REFUSED_WORDS: [(&str, &str); 5] = [
    ("Manager", "name what it does"),
    ("Helper", "name what it does"),
    ("Util", "name what it does"),
    ("Gateway", "provider or connector"),
    ("Customer", "donor"),
];

/// Where an outside API's own words are spelt as that API spells them.
const OUTSIDE_WORDS: [&str; 9] = [
    "Secrets Manager",
    "SecretsManager",
    "secretsmanager",
    "ApiGateway",
    "API Gateway",
    "BadGateway",
    "BAD_GATEWAY",
    "GatewayTimeout",
    "GATEWAY_TIMEOUT",
];

fn shipped() -> impl Iterator<Item = (String, String)> {
    texts(&[".rs"]).into_iter().filter(|(name, _)| !name.starts_with("tests/tidy"))
}

#[test]
fn our_own_names_use_the_words_of_the_field() {
    for (name, text) in shipped() {
        for (number, line) in text.lines().enumerate() {
            let mut line = line.to_owned();
            for outside in OUTSIDE_WORDS {
                line = line.replace(outside, "");
            }
            for (word, instead) in REFUSED_WORDS {
                assert!(!line.contains(word), "{name}:{}: not {word}, {instead}", number + 1);
            }
        }
    }
}

#[test]
fn nothing_is_left_undone_or_switched_off() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("// XX", "X"),
        concat!("#[al", "low("),
        concat!("#[ig", "nore"),
    ];
    for (name, text) in shipped() {
        for mark in marks {
            assert!(!text.contains(mark), "{name} holds {mark}");
        }
    }
}

#[test]
fn money_is_never_a_float() {
    let floats = [concat!(": f", "64"), concat!(": f", "32"), concat!("as f", "64"), concat!("as f", "32")];
    let with_money =
        ["domain/", "contracts/", "functions/app/", "functions/export-ledger/", "functions/adapters/"];
    for (name, text) in shipped().filter(|(name, _)| with_money.iter().any(|room| name.starts_with(room))) {
        for float in floats {
            assert!(!text.contains(float), "{name} holds {float}");
        }
    }
}

#[test]
fn the_domain_converts_no_number_by_force() {
    for (name, text) in shipped().filter(|(name, _)| name.starts_with("domain/src")) {
        for number in ["u8", "u16", "u32", "u64", "i32", "i64", "i128", "u128", "usize"] {
            assert!(!text.contains(&format!(" as {number}")), "{name} casts to {number}");
        }
    }
}

#[test]
fn no_source_names_a_place_outside_the_repository() {
    let places = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    for (name, text) in texts(&[".rs", ".ts", ".js", ".py", ".md", ".json", ".yaml", ".toml"]) {
        for place in places {
            assert!(!text.contains(place), "{name} names {place}");
        }
    }
}
