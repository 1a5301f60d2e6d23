//! A store that runs full, under the thread that owns it.

use queue_model::{Outgoing, QueueSettings, Refusal, Sent};
use tempfile::TempDir;

use super::{Engine, Model, Store, Unavailable};
use crate::folder::Folder;

const QUEUE: &str = "payments";
/// Pages of 4 KiB: room for the tables and some hundred messages.
const PAGES: u32 = 100;

fn model() -> Model {
    let mut model = Model::new(7);
    let settings = QueueSettings {
        arn: crate::queue_arn(QUEUE),
        visibility_timeout_seconds: 30,
        retention_seconds: 345_600,
        delay_seconds: 0,
        redrive: None,
    };
    model.create_queue(QUEUE, settings).unwrap();
    model
}

fn start(data: &TempDir, pages: Option<u32>) -> (Engine, std::thread::JoinHandle<()>) {
    let folder = Folder::open(data.path()).unwrap();
    let store = Store::open(&folder.store()).unwrap();
    if let Some(pages) = pages {
        store.limit_pages(pages);
    }
    Engine::start(store, &folder.store(), model(), crate::Clock::system(), folder.lock()).unwrap()
}

async fn send(engine: &Engine) -> Result<Result<Sent, Refusal>, Unavailable> {
    let outgoing = Outgoing { body: "x".repeat(2000), sender: "test".to_owned(), ..Outgoing::default() };
    engine.apply(move |work| work.model.send(QUEUE, outgoing, work.now_ms)).await
}

fn visible(engine: &Engine) -> usize {
    engine.look(|model, now_ms| model.depth(QUEUE, now_ms).unwrap().visible)
}

async fn fill(engine: &Engine) -> usize {
    let mut accepted = 0;
    while accepted < 10_000 {
        match send(engine).await {
            Ok(sent) => drop(sent.unwrap()),
            Err(Unavailable::Store(reason)) => {
                assert!(reason.contains("full"), "{reason}");
                return accepted;
            }
            Err(Unavailable::Stopped) => panic!("the thread ended"),
        }
        accepted += 1;
    }
    panic!("the store was never full");
}

#[tokio::test]
async fn what_a_full_store_cannot_keep_is_an_error_and_is_not_there() {
    let data = tempfile::tempdir().unwrap();
    let (engine, thread) = start(&data, Some(PAGES));
    let accepted = fill(&engine).await;
    assert!(accepted > 10, "{accepted}");
    assert_eq!(visible(&engine), accepted);
    send(&engine).await.expect_err("the store is full still");
    assert_eq!(visible(&engine), accepted);
    engine.stop().await;
    thread.join().unwrap();
    let (engine, _thread) = start(&data, None);
    assert_eq!(visible(&engine), accepted, "the file says the same");
}

#[tokio::test]
async fn calls_that_share_a_failed_commit_all_fail() {
    let data = tempfile::tempdir().unwrap();
    let (engine, _thread) = start(&data, Some(PAGES));
    let accepted = fill(&engine).await;
    let answers = futures_util::future::join_all((0..50).map(|_| send(&engine))).await;
    assert!(answers.iter().all(|answer| matches!(answer, Err(Unavailable::Store(_)))));
    assert_eq!(visible(&engine), accepted);
}

#[tokio::test]
async fn a_store_with_room_again_serves_again() {
    let data = tempfile::tempdir().unwrap();
    let (engine, _thread) = start(&data, Some(PAGES));
    let accepted = fill(&engine).await;
    let purged = engine.apply(|work| work.model.purge(QUEUE, work.now_ms)).await.unwrap();
    assert_eq!(purged, Ok(accepted));
    send(&engine).await.unwrap().unwrap();
    assert_eq!(visible(&engine), 1);
}

#[tokio::test]
async fn a_call_whose_caller_went_away_does_nothing() {
    let data = tempfile::tempdir().unwrap();
    let (engine, _thread) = start(&data, None);
    {
        // While the model is held, the call cannot be applied before its caller is gone.
        let held = engine.shared.model();
        let mut gone = Box::pin(send(&engine));
        assert!(
            std::future::Future::poll(
                gone.as_mut(),
                &mut std::task::Context::from_waker(std::task::Waker::noop())
            )
            .is_pending()
        );
        drop(gone);
        drop(held);
    }
    send(&engine).await.unwrap().unwrap();
    assert_eq!(visible(&engine), 1, "only the call that was waited for");
}
