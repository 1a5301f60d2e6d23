//! Walking the tree, and rules about files as a whole.

use std::fs;
use std::path::{Path, PathBuf};

/// Longest source file.
const LINES_MAX: usize = 400;
/// Longest line of Rust.
const LINE_LENGTH_MAX: usize = 120;

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).expect("this package lies two folders deep").to_owned()
}

/// Every file of the repository with its path from the root, leaving out what is built or fetched.
pub(crate) fn files() -> Vec<(String, PathBuf)> {
    let root = root();
    let mut files = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder is readable") {
            let path = entry.expect("the entry is readable").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or("");
            if path.is_dir() {
                let skipped = ["target", ".git", "node_modules", "cdk.out", "dist", "__pycache__", ".venv"];
                if !skipped.contains(&name) && !name.starts_with(".outpour") {
                    folders.push(path);
                }
            } else {
                let from_root = path.strip_prefix(&root).expect("the file lies under the root");
                files.push((from_root.to_string_lossy().into_owned(), path));
            }
        }
    }
    files.sort();
    files
}

/// Every text file whose name ends so, with its path and text.
pub(crate) fn texts(endings: &[&str]) -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|(name, _)| endings.iter().any(|ending| name.ends_with(ending)))
        .map(|(name, path)| (name, fs::read_to_string(path).expect("a source file is UTF-8")))
        .collect()
}

#[test]
fn no_source_file_is_longer_than_it_may_be() {
    let long: Vec<_> = texts(&[".rs", ".ts", ".js", ".py"])
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .collect();
    assert!(long.is_empty(), "split these by meaning: {long:?}");
}

#[test]
fn no_line_of_rust_is_longer_than_it_may_be() {
    for (name, text) in texts(&[".rs"]) {
        for (number, line) in text.lines().enumerate() {
            assert!(line.chars().count() <= LINE_LENGTH_MAX, "{name}:{} is too long", number + 1);
        }
    }
}

#[test]
fn the_top_level_holds_the_five_rooms_and_documents_only() {
    let rooms = ["functions", "domain", "contracts", "infra-cdk", "tests", ".cargo", ".ci", ".github"];
    for entry in fs::read_dir(root()).expect("the root is readable") {
        let entry = entry.expect("the entry is readable");
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_kept = entry.path().is_dir() && !["target", ".git", ".outpour"].contains(&name.as_str());
        assert!(!is_kept || rooms.contains(&name.as_str()), "{name} does not belong at the top level");
    }
}

#[test]
fn lock_files_name_no_registry_host() {
    for (name, text) in texts(&["package-lock.json", "requirements.txt"]) {
        assert!(!text.contains("://registry.") && !text.contains("\"resolved\""), "{name} names a registry");
        assert!(!text.contains("--index-url"), "{name} names an index");
    }
}

#[test]
fn no_file_is_a_large_blob() {
    for (name, path) in files() {
        let bytes = fs::metadata(&path).expect("the file is there").len();
        let is_lock = name.ends_with("Cargo.lock") || name.ends_with("package-lock.json");
        assert!(is_lock || bytes <= 256 * 1024, "{name} has {bytes} bytes");
    }
}
