//! Folders that cannot be used: each is told apart, and nothing is overwritten.

use aws_local::StartError;
use contracts::topology::{Key, KeyKind};

use crate::setup::{Stack, settings};

/// Why a start on `data` fails.
async fn refused(data: &std::path::Path) -> StartError {
    match aws_local::start(settings(data)).await {
        Ok(_) => panic!("it started"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_folder_in_use_is_refused_by_name_and_serves_on() {
    let stack = Stack::start().await;
    let error = refused(stack.data.path()).await;
    assert!(matches!(error, StartError::Locked { .. }), "{error}");
    let text = error.to_string();
    assert!(text.contains("in use") && text.contains(stack.data.path().to_str().unwrap()), "{text}");
    let url = stack.clients.queue_url("payments");
    stack.clients.sqs.send_message().queue_url(url).message_body("x").send().await.unwrap();
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_as_it_is() {
    for name in ["queues.sqlite", "dynamodb.sqlite"] {
        let Stack { aws, clients: _, data } = Stack::start().await;
        aws.stop().await;
        let path = data.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let half = whole[..whole.len() / 2].to_vec();
        let scribbled: Vec<u8> =
            whole.iter().enumerate().map(|(at, byte)| if at < 4096 { !byte } else { *byte }).collect();
        for damaged in [half, scribbled, b"no database at all, but long enough to be read as one".repeat(20)]
        {
            std::fs::write(&path, &damaged).unwrap();
            let error = refused(data.path()).await;
            assert!(matches!(error, StartError::Damaged { .. }), "{name}: {error}");
            assert!(error.to_string().contains(path.to_str().unwrap()), "{error}");
            assert_eq!(std::fs::read(&path).unwrap(), damaged, "{name} is left as it is");
        }
        std::fs::write(&path, &whole).unwrap();
        aws_local::start(settings(data.path())).await.unwrap().stop().await;
    }
}

#[tokio::test]
async fn a_path_that_is_no_folder_is_refused_by_name() {
    let data = tempfile::tempdir().unwrap();
    let file = data.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("below")] {
        let error = refused(&path).await;
        assert!(matches!(error, StartError::Folder { .. }), "{error}");
        assert!(error.to_string().contains(file.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn a_table_of_another_shape_is_refused_by_name() {
    let Stack { aws, clients: _, data } = Stack::start().await;
    aws.stop().await;
    let mut settings = settings(data.path());
    let table = settings.topology.tables.get_mut("ledger").unwrap();
    table.partition_key = Key { name: "id".to_owned(), kind: KeyKind::S };
    let Err(error) = aws_local::start(settings).await else { panic!("it started") };
    assert!(matches!(&error, StartError::TableDiffers { table, .. } if table == "ledger"), "{error}");
}
