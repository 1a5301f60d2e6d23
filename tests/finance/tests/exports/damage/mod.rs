//! Damage to a sound export, and which of the comparisons notices it.
//!
//! Whoever changes a file by mistake leaves its digest in the manifest as it was. Whoever does it on purpose
//! writes a new digest ([`Export::sign`]): what is noticed then is noticed by what the files say.

mod files;
mod journals;
mod kinds;
mod manifest;
mod tables;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use domain::journal::EntryKind;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tempfile::TempDir;
use tests_finance::{CheckError, Findings, Part, check_export};

use super::kinds::of_each_kind;
use super::ledgers::{CAPTURE, MIDNIGHT, Sketch, export};

/// A downloaded export, to be damaged.
struct Export(TempDir);

/// Three captures on one day; on the next one more, and the first goes back.
async fn sound() -> Export {
    sound_with(Sketch { donation: 3, minor: 1000, posted_at: MIDNIGHT + 2, ..CAPTURE }).await
}

/// One entry of each kind.
async fn sound_of_each_kind() -> Export {
    let entries: Vec<_> = of_each_kind().iter().map(Sketch::entry).collect();
    Export(export(&entries, ("2026-11-20", "2026-11-20")).await.0)
}

async fn sound_with(third: Sketch<'_>) -> Export {
    let next_day = Sketch { date: "2026-11-21", posted_at: MIDNIGHT + 86_400_000, ..CAPTURE };
    let sketches = [
        CAPTURE,
        Sketch {
            donation: 2,
            minor: 500,
            currency: "JPY",
            appeal: "0012",
            posted_at: MIDNIGHT + 1,
            ..CAPTURE
        },
        third,
        Sketch { donation: 4, minor: 1250, currency: "KWD", reference: "=1+1", ..next_day.clone() },
        Sketch { kind: EntryKind::Refund, posted_at: next_day.posted_at + 1, ..next_day },
    ];
    let entries: Vec<_> = sketches.iter().map(Sketch::entry).collect();
    Export(export(&entries, ("2026-11-20", "2026-11-21")).await.0)
}

impl Export {
    fn path(&self, ending: &str) -> PathBuf {
        let files = fs::read_dir(self.0.path()).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> = files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
        assert_eq!(files.len(), 1, "{ending}: {files:?}");
        files.remove(0)
    }

    fn text(&self, ending: &str) -> String {
        fs::read_to_string(self.path(ending)).unwrap()
    }

    fn write(&self, ending: &str, text: &str) {
        fs::write(self.path(ending), text).unwrap();
    }

    /// Replaces the first occurrence.
    fn edit(&self, ending: &str, from: &str, to: &str) -> &Self {
        let text = self.text(ending);
        assert!(text.contains(from), "there is no {from:?} in {text}");
        self.write(ending, &text.replacen(from, to, 1));
        self
    }

    /// Replaces every occurrence.
    fn edit_all(&self, ending: &str, from: &str, to: &str) -> &Self {
        let text = self.text(ending);
        assert!(text.contains(from), "there is no {from:?} in {text}");
        self.write(ending, &text.replace(from, to));
        self
    }

    /// Writes the sizes and digests that the files have now into the manifest.
    fn sign(&self) -> &Self {
        let mut manifest: Value = serde_json::from_str(&self.text("manifest.json")).unwrap();
        for file in manifest["files"].as_array_mut().unwrap() {
            let bytes = fs::read(self.0.path().join(file["name"].as_str().unwrap())).unwrap();
            file["bytes"] = bytes.len().into();
            file["sha256"] = data_encoding::HEXLOWER.encode(&Sha256::digest(&bytes)).into();
        }
        self.write("manifest.json", &manifest.to_string());
        self
    }

    fn findings(&self) -> Findings {
        match check_export(self.0.path()) {
            Err(CheckError::Wrong(findings)) => findings,
            other => panic!("the damage went unnoticed: {other:?}"),
        }
    }

    /// Exactly these comparisons fail.
    #[track_caller]
    fn is_noticed_by(&self, parts: &[Part]) -> Findings {
        let findings = self.findings();
        let failed: BTreeSet<_> = findings.iter().map(|finding| finding.part).collect();
        assert_eq!(failed, parts.iter().copied().collect(), "{findings}");
        findings
    }
}

#[tokio::test]
async fn without_damage_there_is_nothing_to_notice() {
    check_export(sound().await.0.path()).unwrap();
    check_export(sound().await.sign().0.path()).unwrap();
}
