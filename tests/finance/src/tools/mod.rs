//! The outside tools: found or fetched, and run within bounds.
//!
//! They live in `target/tools`, so that `cargo clean` forgets them and nothing outside the checkout changes.
//! No step needs root. A second run finds them there and asks no network.

mod apt;
mod beancount;
mod fault;
mod hledger;
mod place;
mod process;

use std::path::Path;
use std::sync::{Arc, OnceLock};

pub(crate) use beancount::Beancount;
pub use fault::ToolFault;
pub(crate) use hledger::Hledger;
use place::Place;

/// hledger and beancount, ready to run.
#[derive(Debug)]
pub struct Tools {
    pub(crate) hledger: Hledger,
    pub(crate) beancount: Beancount,
}

impl Tools {
    /// The tools that are kept in this folder. What is missing there is fetched into it, while every other
    /// process that wants to fetch into it waits.
    ///
    /// # Errors
    /// [`ToolFault`]: mostly [`ToolFault::Missing`], which says what to install.
    pub fn find(folder: &Path) -> Result<Self, ToolFault> {
        let place = Place::at(folder)?;
        let _lock = place.lock()?;
        Ok(Self {
            hledger: Hledger::find(&place.join("hledger"))?,
            beancount: Beancount::find(&place.join("beancount"))?,
        })
    }

    /// The tools in `target/tools` of this checkout.
    pub(crate) fn get() -> Result<&'static Self, Arc<ToolFault>> {
        static TOOLS: OnceLock<Result<Tools, Arc<ToolFault>>> = OnceLock::new();
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = package.parent().and_then(Path::parent).expect("this package lies two folders deep");
        let found = TOOLS.get_or_init(|| Self::find(&root.join("target/tools")).map_err(Arc::new));
        found.as_ref().map_err(Arc::clone)
    }
}
