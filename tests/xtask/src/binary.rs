//! The binary that is deployed: built for Lambda's architecture, and looked at before anybody meets it there.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::checks::root;
use crate::deploy::target;

/// The C library of `provided.al2023`: Amazon Linux 2023 has glibc 2.34 (its user guide, "Core glibc").
const GLIBC_MINOR: u32 = 34;

/// What Lambda runs the functions on.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Architecture {
    /// What the stacks are built for unless they are told otherwise: cheaper.
    #[default]
    Arm64,
    X8664,
}

impl Architecture {
    pub(crate) fn parse(name: &str) -> Result<Self> {
        match name {
            "arm64" => Ok(Self::Arm64),
            "x86_64" => Ok(Self::X8664),
            _ => bail!("--arch {name}: must be arm64 or x86_64"),
        }
    }

    /// Lambda's name for it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X8664 => "x86_64",
        }
    }

    /// Rust's name for it.
    fn machine(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X8664 => "x86_64",
        }
    }

    /// `e_machine` in the header of an ELF file (elf(5)): `EM_AARCH64`, `EM_X86_64`.
    fn elf(self) -> [u8; 2] {
        match self {
            Self::Arm64 => [183, 0],
            Self::X8664 => [62, 0],
        }
    }

    /// Puts the binary into a folder of its own, which becomes the functions' zip, if it would start on Lambda.
    pub(crate) fn install(self, bootstrap: &Path, folder: &Path) -> Result<()> {
        let name = bootstrap.display();
        let bytes = fs::read(bootstrap).with_context(|| format!("the binary {name} cannot be read"))?;
        ensure!(
            bytes.starts_with(b"\x7fELF") && bytes.get(18..20) == Some(&self.elf()),
            "{name} is not a program for Linux on {}",
            self.name()
        );
        if let Some(newer) = glibc_minors(&bytes).find(|minor| *minor > GLIBC_MINOR) {
            bail!(
                "{name} needs glibc 2.{newer}, and Lambda has 2.{GLIBC_MINOR}: build it on an older Linux, such as \
                 Debian 12 or Amazon Linux 2023"
            );
        }
        fs::create_dir_all(folder)?;
        let installed = folder.join("bootstrap");
        fs::write(&installed, bytes)?;
        // What was downloaded as an artifact has lost it.
        fs::set_permissions(&installed, fs::Permissions::from_mode(0o755))?;
        Ok(())
    }
}

/// The versions of glibc's symbols that a program asks for: N of each `GLIBC_2.N` in it.
fn glibc_minors(bytes: &[u8]) -> impl Iterator<Item = u32> {
    const PREFIX: &[u8] = b"GLIBC_2.";
    let starts = bytes.windows(PREFIX.len()).enumerate().filter(|(_, window)| *window == PREFIX);
    starts.filter_map(|(at, _)| {
        let digits = bytes[at + PREFIX.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.map(|digit| char::from(*digit)).collect::<String>().parse().ok()
    })
}

/// `cargo xtask build [--arch arm64|x86_64]`.
pub(crate) fn run(mut arguments: impl Iterator<Item = String>) -> Result<bool> {
    let architecture = match (arguments.next().as_deref(), arguments.next(), arguments.next()) {
        (None, ..) => Architecture::default(),
        (Some("--arch"), Some(name), None) => Architecture::parse(&name)?,
        _ => bail!("usage: cargo xtask build [--arch arm64|x86_64]"),
    };
    let built = build(architecture)?;
    let folder = target().join("deploy").join(architecture.name());
    architecture.install(&built, &folder)?;
    println!("{}", folder.join("bootstrap").display());
    Ok(true)
}

/// Builds the functions' binary as it is deployed.
pub(crate) fn build(architecture: Architecture) -> Result<PathBuf> {
    let machine = architecture.machine();
    let triple = format!("{machine}-unknown-linux-gnu");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--profile", "deployed", "-p", "host-lambda", "--target", &triple]);
    if machine != std::env::consts::ARCH {
        let linker = format!("{machine}-linux-gnu-gcc");
        let (name, package) = (architecture.name(), machine.replace('_', "-"));
        ensure!(
            Command::new(&linker).arg("--version").output().is_ok_and(|said| said.status.success()),
            "to build for {name} on this machine, {linker} must be there (Debian's package gcc-{package}-linux-gnu) \
             and `rustup target add {triple}`. Without: build on a machine with {name}, and give the binary as \
             --bootstrap FILE; or deploy for this machine's own architecture with --arch"
        );
        let variable = triple.to_uppercase().replace('-', "_");
        cargo.env(format!("CARGO_TARGET_{variable}_LINKER"), linker);
    }
    println!("\n── cargo build --profile deployed -p host-lambda, for {}", architecture.name());
    let status = cargo.current_dir(root()).status().context("cargo cannot be started; is it installed?")?;
    ensure!(status.success(), "the binary could not be built; nothing after it was done");
    Ok(target().join(triple).join("deployed/bootstrap"))
}
