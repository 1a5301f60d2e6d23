//! Files of rows and columns.

pub(crate) mod lines;
pub(crate) mod trial_balance;

mod columns;
pub(crate) mod guard;

pub(crate) use columns::{COLUMNS, description};

use csv::{Terminator, WriterBuilder};

/// Media type of every table.
const MEDIA_TYPE: &str = "text/csv; charset=utf-8";

/// Rows as CSV after whatever the text begins with: commas, CRLF, quotes where RFC 4180 wants them.
fn write<const N: usize>(
    start: &[u8],
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Vec<u8> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(start.to_vec());
    let sound = "rows of one length, written to memory, cannot fail";
    writer.write_record(header).expect(sound);
    for row in rows {
        writer.write_record(row).expect(sound);
    }
    writer.into_inner().expect(sound)
}
