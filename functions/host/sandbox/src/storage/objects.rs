//! The API's objects: stored whole, with the few columns that lists select by.

use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{StorageFault, doing};

/// What is stored, and what it is found by.
pub(crate) trait Stored: Serialize + DeserializeOwned {
    /// Unlike that of any other kind, whichever provider it belongs to.
    const KIND: &'static str;
    fn index(&self) -> Index<'_>;
}

/// The columns beside an object's body. The amount of `money` is in minor units, and what the balance adds
/// up.
pub(crate) struct Index<'a> {
    pub(crate) id: &'a str,
    pub(crate) created: i64,
    pub(crate) money: Option<(&'a str, i64)>,
    pub(crate) label: &'a str,
    pub(crate) parent: Option<&'a str>,
}

/// Stores a new object, or a known one's newest state.
pub(crate) fn put<T: Stored>(db: &Connection, object: &T) -> Result<(), StorageFault> {
    let index = object.index();
    let body = serde_json::to_string(object)
        .map_err(|source| StorageFault::Body { id: index.id.to_owned(), source })?;
    let failed = doing("storing an object");
    let (currency, amount) = index.money.unzip();
    db.prepare_cached(
        "INSERT INTO objects (id, kind, created, currency, amount, label, parent, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (id) DO UPDATE SET amount = ?5, label = ?6, body = ?8",
    )
    .map_err(&failed)?
    .execute(params![index.id, T::KIND, index.created, currency, amount, index.label, index.parent, body])
    .map_err(failed)?;
    Ok(())
}

/// The object with this id, where there is one of this kind.
pub(crate) fn get<T: Stored>(db: &Connection, id: &str) -> Result<Option<T>, StorageFault> {
    get_body(db, T::KIND, id)?.map(|body| read(id, &body)).transpose()
}

/// The body of the object with this id and kind.
pub(crate) fn get_body(db: &Connection, kind: &str, id: &str) -> Result<Option<String>, StorageFault> {
    let failed = doing("reading an object");
    db.prepare_cached("SELECT body FROM objects WHERE id = ?1 AND kind = ?2")
        .map_err(&failed)?
        .query_row(params![id, kind], |row| row.get(0))
        .optional()
        .map_err(failed)
}

/// Where in the order of creation an object stands.
pub(crate) fn position(db: &Connection, kind: &str, id: &str) -> Result<Option<i64>, StorageFault> {
    let failed = doing("finding an object");
    db.prepare_cached("SELECT seq FROM objects WHERE id = ?1 AND kind = ?2")
        .map_err(&failed)?
        .query_row(params![id, kind], |row| row.get(0))
        .optional()
        .map_err(failed)
}

/// Reads a stored body.
pub(crate) fn read<T: Stored>(id: &str, body: &str) -> Result<T, StorageFault> {
    serde_json::from_str(body).map_err(|source| StorageFault::Body { id: id.to_owned(), source })
}
