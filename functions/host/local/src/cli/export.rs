//! `export`: the ledger of a period, as files.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use contracts::export::ExportRequest;
use data_encoding::BASE64;
use host_local::operator::view::ExportView;

use super::Verdict;
use super::client::{Client, Target};
use super::console::say;

#[derive(Debug, Args)]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    target: Target,
    /// First day, YYYY-MM-DD
    #[arg(long)]
    from: String,
    /// Last day, included
    #[arg(long)]
    to: String,
    /// Folder to write into
    #[arg(long)]
    out: PathBuf,
}

pub(crate) async fn run(arguments: ExportArguments) -> anyhow::Result<Verdict> {
    let client = Client::new(&arguments.target)?;
    let request = ExportRequest { from: arguments.from, to: arguments.to };
    let export: ExportView = client.post("export", &request).await?;
    for file in &export.files {
        let path = place(&arguments.out, &file.key)?;
        let bytes = BASE64.decode(file.base64.as_bytes()).context("the answer is not of this version")?;
        let written =
            path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, bytes));
        written.with_context(|| format!("{} cannot be written", path.display()))?;
        say(path.display())?;
    }
    let answer = &export.answer;
    say(format!("{} entries; manifest SHA-256 {}", answer.entries, answer.manifest_sha256))?;
    Ok(Verdict::Good)
}

/// Where a file goes: under its own name in the folder. Its place in the bucket says the period, which the caller
/// has chosen.
fn place(out: &Path, key: &str) -> anyhow::Result<PathBuf> {
    match Path::new(key).components().next_back() {
        Some(Component::Normal(name)) => Ok(out.join(name)),
        _ => bail!("the export names a file {key:?}, which is not a plain path"),
    }
}
