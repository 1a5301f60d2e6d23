//! Running a program to its end, within a time.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// Runs a program in a folder with this input, and gives back what it wrote to its standard output.
///
/// The error is for a person: it names the program, and says whether it is missing, took too long or failed,
/// with the end of what it said. A program that takes too long is ended with all that it started.
pub(crate) async fn run(
    program: impl AsRef<Path>,
    arguments: &[&str],
    folder: &Path,
    input: &str,
    limit: Duration,
) -> Result<String, String> {
    let name = format!("{} {}", program.as_ref().display(), arguments.join(" "));
    let mut child = Command::new(program.as_ref())
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("`{name}` cannot be started: {error}. Is it installed, and on the PATH?"))?;
    let group = child.id();
    let Ok(ended) = timeout(limit, talk(&mut child, input)).await else {
        end_group(group).await;
        return Err(format!("`{name}` did not end within {} s", limit.as_secs()));
    };
    let (output, said, code) = ended.map_err(|error| format!("`{name}` was lost: {error}"))?;
    if code != Some(0) {
        let tail: String = said.chars().skip(said.chars().count().saturating_sub(2_000)).collect();
        return Err(format!("`{name}` failed with {code:?}:\n{tail}"));
    }
    Ok(output)
}

/// Writes the input and reads both outputs at once, so that neither side waits for the other.
async fn talk(child: &mut Child, input: &str) -> std::io::Result<(String, String, Option<i32>)> {
    let mut stdin = child.stdin.take().expect("it is piped");
    let mut stdout = child.stdout.take().expect("it is piped");
    let mut stderr = child.stderr.take().expect("it is piped");
    let (mut output, mut said) = (Vec::new(), Vec::new());
    let write = async {
        // A program that fails does so without reading; its exit code says more than our broken pipe.
        let written = stdin.write_all(input.as_bytes()).await;
        drop(stdin);
        match written {
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    };
    let (written, read, heard) =
        tokio::join!(write, stdout.read_to_end(&mut output), stderr.read_to_end(&mut said));
    written.and(read).and(heard)?;
    let code = child.wait().await?.code();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    Ok((text(output), text(said), code))
}

/// Ends a process group: package installers start programs of their own.
async fn end_group(leader: Option<u32>) {
    let Some(leader) = leader else { return };
    let ended = Command::new("kill").args(["-KILL", "--", &format!("-{leader}")]).status().await;
    assert!(ended.is_ok(), "a program that took too long cannot be ended: {ended:?}");
}
