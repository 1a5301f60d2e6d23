//! `Exports`: what was given out never changes.

use app::ports::Exports;
use futures_util::future::join_all;

use super::assert_permanent;
use crate::running::World;

/// Where exports are kept, empty at first.
pub(crate) trait ExportsWorld: World {
    fn exports(&self) -> impl Exports;

    /// What lies under a key.
    async fn object(&self, key: &str) -> Option<Object>;
}

/// An object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) media_type: String,
    pub(crate) bytes: Vec<u8>,
}

/// Holds an adapter to this suite.
macro_rules! exports {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, exports:
            an_object_is_kept_byte_for_byte,
            a_large_object_is_kept_whole,
            nothing_lies_under_a_key_that_was_never_used,
            keeping_the_same_again_is_a_success,
            other_bytes_under_the_same_key_are_refused_and_change_nothing,
            of_different_objects_at_once_one_is_kept,
            keys_may_have_folders_and_unusual_characters,
        }
    };
}
pub(crate) use exports;

const KEY: &str = "ledger/2026-11-01_2026-11-30/lines.csv";
const CSV: &str = "text/csv; charset=utf-8";

pub(crate) async fn an_object_is_kept_byte_for_byte(world: &impl ExportsWorld) {
    let bytes: Vec<u8> = (0..=255).collect();
    for (key, bytes) in [(KEY, bytes), ("empty", Vec::new()), ("line", b"\r\n".to_vec())] {
        world.exports().keep(key, CSV, bytes.clone()).await.unwrap();
        assert_eq!(world.object(key).await, Some(Object { media_type: CSV.to_owned(), bytes }));
    }
}

pub(crate) async fn a_large_object_is_kept_whole(world: &impl ExportsWorld) {
    let bytes = b"an invented line of an export, again and again\n".repeat(150_000);
    world.exports().keep(KEY, CSV, bytes.clone()).await.unwrap();
    assert!(world.object(KEY).await.unwrap().bytes == bytes);
    world.exports().keep(KEY, CSV, bytes).await.unwrap();
}

pub(crate) async fn nothing_lies_under_a_key_that_was_never_used(world: &impl ExportsWorld) {
    world.exports().keep(KEY, CSV, b"one".to_vec()).await.unwrap();
    assert_eq!(world.object("ledger/another.csv").await, None);
}

pub(crate) async fn keeping_the_same_again_is_a_success(world: &impl ExportsWorld) {
    for _ in 0..3 {
        world.exports().keep(KEY, CSV, b"one".to_vec()).await.unwrap();
    }
    assert_eq!(world.object(KEY).await.unwrap().bytes, b"one");
}

pub(crate) async fn other_bytes_under_the_same_key_are_refused_and_change_nothing(world: &impl ExportsWorld) {
    let exports = world.exports();
    exports.keep(KEY, CSV, b"one".to_vec()).await.unwrap();
    for other in ["two", "on", "ones", "one\n", "One", ""] {
        let fault = exports.keep(KEY, CSV, other.into()).await.unwrap_err();
        assert_permanent(&fault, &[KEY, "other bytes"]);
        assert_eq!(world.object(KEY).await.unwrap().bytes, b"one", "{other:?}");
    }
    exports.keep(KEY, CSV, b"one".to_vec()).await.unwrap();
}

pub(crate) async fn of_different_objects_at_once_one_is_kept(world: &impl ExportsWorld) {
    let exports = world.exports();
    let all: Vec<Vec<u8>> = (0..8).map(|number| format!("export {number}").into_bytes()).collect();
    let answers = join_all(all.iter().map(|bytes| exports.keep(KEY, CSV, bytes.clone()))).await;
    let kept: Vec<_> = all.iter().zip(&answers).filter(|(_, answer)| answer.is_ok()).collect();
    assert_eq!(kept.len(), 1);
    assert_eq!(world.object(KEY).await.unwrap().bytes, *kept[0].0);
}

pub(crate) async fn keys_may_have_folders_and_unusual_characters(world: &impl ExportsWorld) {
    for key in ["a/b/c.parquet", "ledger.hledger", "with space/é+&=?%20#.csv"] {
        world.exports().keep(key, CSV, key.into()).await.unwrap();
    }
    for key in ["a/b/c.parquet", "ledger.hledger", "with space/é+&=?%20#.csv"] {
        assert_eq!(world.object(key).await.unwrap().bytes, key.as_bytes(), "{key}");
    }
}
