//! What the command line says.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::rounds::Extent;

const USAGE: &str = "usage: bench [--quick] [--bootstrap FILE] [--yardstick FILE] [--outpour FILE]

  --quick           fewer rounds: half a minute instead of two
  --bootstrap FILE  the program to measure; otherwise `bootstrap` beside this one
  --yardstick FILE  the program to measure it against, another `bootstrap` perhaps; otherwise `two-calls` beside
                    this one
  --outpour FILE    the local host, to count a donation's calls end to end";

/// The arguments.
#[derive(Debug)]
pub(crate) struct Arguments {
    pub(crate) quick: bool,
    pub(crate) bootstrap: PathBuf,
    pub(crate) yardstick: PathBuf,
    pub(crate) outpour: Option<PathBuf>,
}

impl Arguments {
    /// Those of this process.
    ///
    /// # Errors
    /// They are not understood; the error says how they are written.
    pub(crate) fn of_process() -> Result<Self> {
        Self::of(std::env::args().skip(1))
    }

    fn of(arguments: impl IntoIterator<Item = String>) -> Result<Self> {
        let own = std::env::current_exe().context("where this program lies")?;
        let beside = |name: &str| own.with_file_name(name);
        let mut read = Self {
            quick: false,
            bootstrap: beside("bootstrap"),
            yardstick: beside("two-calls"),
            outpour: None,
        };
        let mut arguments = arguments.into_iter();
        while let Some(argument) = arguments.next() {
            let mut file =
                || arguments.next().map(PathBuf::from).with_context(|| format!("{argument} FILE\n{USAGE}"));
            match argument.as_str() {
                "--quick" => read.quick = true,
                "--bootstrap" => read.bootstrap = file()?,
                "--yardstick" => read.yardstick = file()?,
                "--outpour" => read.outpour = Some(file()?),
                other => bail!("{other} is not understood\n{USAGE}"),
            }
        }
        Ok(read)
    }

    /// A series' extent, cut down where it is to be quick.
    pub(crate) fn extent(&self, full: Extent) -> Extent {
        if self.quick { Extent { rounds: full.rounds.min(3), accepts: full.accepts / 5 } } else { full }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Arguments> {
        Arguments::of(arguments.iter().map(|&argument| argument.to_owned()))
    }

    #[test]
    fn files_and_quickness_are_read_and_the_rest_is_refused() {
        let arguments = read(&["--quick", "--yardstick", "/tmp/before"]).unwrap();
        assert_eq!((arguments.quick, arguments.yardstick), (true, PathBuf::from("/tmp/before")));
        assert!(arguments.bootstrap.ends_with("bootstrap"));
        for wrong in [&["--outpour"][..], &["--slow"], &["file"]] {
            assert!(read(wrong).unwrap_err().to_string().contains("usage:"));
        }
    }
}
