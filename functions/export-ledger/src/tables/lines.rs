//! The ledger's lines, once for programs and once for people.

use data_encoding::HEXLOWER;

use super::columns::{COLUMNS, Column, Line};
use super::guard::guarded;
use super::{MEDIA_TYPE, write};
use crate::file::{File, lines_name};
use crate::ledger::Ledger;

/// By this mark a spreadsheet knows that the file is UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The file that programs import: every cell as it is.
pub(crate) fn machine(ledger: &Ledger) -> File {
    file(ledger, "csv", b"", |_, cell| cell)
}

/// The file that people open: every text in it stays the text it is.
pub(crate) fn excel(ledger: &Ledger) -> File {
    file(
        ledger,
        "excel.csv",
        BYTE_ORDER_MARK,
        |column, cell| if column.is_text { guarded(cell) } else { cell },
    )
}

fn file(ledger: &Ledger, extension: &str, start: &[u8], finish: fn(&Column, String) -> String) -> File {
    let mut count = 0;
    let rows = ledger.entries().flat_map(|(seq, posted)| {
        let hash = HEXLOWER.encode(&posted.entry.content_hash());
        let postings = posted.entry.postings().iter();
        (1..).zip(postings).map(move |(number, posting)| {
            let line = Line { seq, number, posted, posting, hash: &hash };
            COLUMNS.each_ref().map(|column| finish(column, (column.cell)(&line)))
        })
    });
    let rows = rows.inspect(|_| count += 1);
    let bytes = write(start, COLUMNS.each_ref().map(|column| column.name), rows);
    File { name: lines_name(ledger, extension), media_type: MEDIA_TYPE, rows: count, bytes }
}
