use std::io;
use std::path::PathBuf;

/// Why a tool could not do its part. It says nothing about the export.
#[derive(Debug, thiserror::Error)]
pub enum ToolFault {
    /// The tool is not on this machine, and could not be fetched.
    #[error("{tool} is not on this machine and could not be fetched; {remedy}")]
    Missing {
        /// Which.
        tool: &'static str,
        /// What to do about it.
        remedy: &'static str,
        /// What stood in the way.
        source: Box<ToolFault>,
    },
    /// A program cannot be started.
    #[error("{program} cannot be started")]
    NotStarted {
        /// Which.
        program: String,
        /// Why.
        source: io::Error,
    },
    /// A program did not end in time and was stopped.
    #[error("{program} did not end within {seconds} s")]
    TooSlow {
        /// Which.
        program: String,
        /// How long it was given.
        seconds: u64,
    },
    /// A program said more than anybody reads, and was stopped.
    #[error("{program} wrote more than {bytes} bytes")]
    TooMuch {
        /// Which.
        program: String,
        /// How much it was allowed.
        bytes: u64,
    },
    /// A program failed at what cannot be the export's fault.
    #[error("{program} failed: {said}")]
    Failed {
        /// Which.
        program: String,
        /// The end of what it said.
        said: String,
    },
    /// A program's answer has a form that is not known.
    #[error("the answer of {program} cannot be read: {rule}")]
    Unreadable {
        /// Which.
        program: String,
        /// What is wrong with it.
        rule: String,
    },
    /// A file of the tools' own place cannot be used.
    #[error("{path} cannot be used")]
    Place {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has been fetching tools for too long.
    #[error("{path} has been locked by another process for {seconds} s")]
    Locked {
        /// The lock.
        path: PathBuf,
        /// How long it was waited for.
        seconds: u64,
    },
}
