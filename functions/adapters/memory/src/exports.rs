//! Finished exports.

use app::ports::{Exports, Fault};

use crate::calls::Operation;
use crate::memory::{Memory, State};

const KEEP: &str = "keep an export";

/// An object: its media type and its bytes.
pub(crate) type Export = (String, Vec<u8>);

/// An export would have changed after it was given out.
#[derive(Debug, thiserror::Error)]
#[error("there are other bytes under {0}")]
struct OtherBytes(String);

impl Memory {
    /// Media type and bytes of an export, where there is one of this key.
    pub fn export(&self, key: &str) -> Option<(String, Vec<u8>)> {
        self.state().exports.get(key).cloned()
    }
}

impl Exports for Memory {
    async fn keep(&self, key: &str, media_type: &str, bytes: Vec<u8>) -> Result<(), Fault> {
        let (place, media_type) = (key.to_owned(), media_type.to_owned());
        let put = move |state: &mut State| {
            let kept = state.exports.entry(place).or_insert_with(|| (media_type, bytes.clone()));
            kept.1 == bytes
        };
        let same = self.call(Operation::KeepExport, key, put).await;
        if same.map_err(|struck| struck.fault(KEEP))? {
            return Ok(());
        }
        Err(Fault::permanent(KEEP, OtherBytes(key.to_owned())))
    }
}
