//! Looking for texts in files.

use std::path::{Path, PathBuf};

/// Every file below a folder.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    files
}

/// Which of the texts a file holds, byte for byte.
pub(crate) fn held<'a>(file: &Path, texts: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let bytes = std::fs::read(file).unwrap();
    texts.into_iter().filter(|text| holds(&bytes, text)).collect()
}

/// Whether the bytes hold the text.
pub(crate) fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
