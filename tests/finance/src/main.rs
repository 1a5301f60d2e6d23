//! `check-export DIR [TOOLS]`: says what an export holds, or everything that is wrong with it.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use tests_finance::{CheckError, Report, Tools, check_export, check_export_with};

/// Ends with 0 when the export is right, 1 when it is not or could not be checked, 2 when there is nothing to
/// check.
fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let checked = match &*arguments {
        [folder] => check_export(Path::new(folder)),
        [folder, tools] => check_with(Path::new(folder), Path::new(tools)),
        _ => {
            let said = writeln!(std::io::stderr(), "usage: check-export DIR [TOOLS]");
            return said.map_or(ExitCode::FAILURE, |()| ExitCode::from(2));
        }
    };
    let said = match checked {
        Ok(report) => writeln!(std::io::stdout(), "{report}").map(|()| ExitCode::SUCCESS),
        Err(error) => {
            writeln!(std::io::stderr(), "{:#}", anyhow::Error::from(error)).map(|()| ExitCode::FAILURE)
        }
    };
    said.unwrap_or(ExitCode::FAILURE)
}

fn check_with(folder: &Path, tools: &Path) -> Result<Report, CheckError> {
    let tools = Tools::find(tools).map_err(|fault| CheckError::Tool(Arc::new(fault)))?;
    check_export_with(folder, &tools)
}
