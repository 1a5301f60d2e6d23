//! What people see.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use tracing_subscriber::EnvFilter;

/// The host's own log goes to standard error; `RUST_LOG` chooses how much of it.
pub(crate) fn init_log() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,dynoxide=error"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_target(false)
        .compact()
        .init();
}

/// Prints a line and sends it on its way at once, for those who wait for it at the other end of a pipe.
pub(crate) fn say(line: impl Display) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}

/// Prints a line on standard error.
pub(crate) fn complain(line: &str) -> io::Result<()> {
    writeln!(io::stderr().lock(), "{line}")
}

/// A progress bar on standard error; nothing where that is no terminal.
pub(crate) fn progress(length: u64, what: &'static str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg:>10} {bar:40} {pos}/{len} {elapsed}")
        .expect("the template has no unknown parts");
    let bar = ProgressBar::new(length).with_style(style).with_message(what);
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

/// `12.3 ms` or `4.56 s`.
pub(crate) fn duration(duration: Duration) -> String {
    let micros = duration.as_micros();
    if micros < 1_000_000 {
        return format!("{}.{} ms", micros / 1_000, micros % 1_000 / 100);
    }
    format!("{}.{:02} s", micros / 1_000_000, micros % 1_000_000 / 10_000)
}

/// Prints rows with their columns aligned.
pub(crate) fn table(rows: &[Vec<String>]) -> io::Result<()> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        say(cells.join("  ").trim_end())?;
    }
    Ok(())
}
