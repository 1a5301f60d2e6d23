//! Dead letters: the way there and the way back.

use aws_local::{Note, Return, queue_arn};
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName as System};

use crate::setup::{Clients, Stack, code};

/// Receives with a visibility timeout of 0 seconds, so that the message can be received again at once.
async fn glance(clients: &Clients, queue: &str) -> Option<Message> {
    let receive = clients.sqs.receive_message().queue_url(clients.queue_url(queue)).visibility_timeout(0);
    let receive = receive.message_system_attribute_names(System::All);
    receive.send().await.unwrap().messages?.pop()
}

/// Puts a message into `payments` and receives it until it fails.
async fn fail(clients: &Clients) -> String {
    let send = clients.sqs.send_message().queue_url(clients.queue_url("payments")).message_body("poison");
    let id = send.send().await.unwrap().message_id.unwrap();
    // The topology allows five receives.
    for receives in 1..=5 {
        let seen = glance(clients, "payments").await.unwrap();
        assert_eq!(seen.attributes.unwrap()[&System::ApproximateReceiveCount], receives.to_string());
    }
    assert!(glance(clients, "payments").await.is_none(), "the sixth moves it");
    id
}

#[tokio::test]
async fn a_message_received_too_often_is_found_among_the_dead_letters_as_it_was() {
    let stack = Stack::start().await;
    let id = fail(&stack.clients).await;
    let letter = glance(&stack.clients, "payments-dead-letters").await.unwrap();
    assert_eq!((letter.message_id(), letter.body()), (Some(id.as_str()), Some("poison")));
    assert_eq!(letter.attributes.unwrap()[&System::DeadLetterQueueSourceArn], queue_arn("payments"));
}

#[tokio::test]
async fn a_move_task_takes_dead_letters_back_to_where_they_failed() {
    let stack = Stack::start().await;
    fail(&stack.clients).await;
    let source = queue_arn("payments-dead-letters");
    let start = stack.clients.sqs.start_message_move_task().source_arn(&source);
    assert!(start.send().await.unwrap().task_handle().is_some());
    let listed = stack.clients.sqs.list_message_move_tasks().source_arn(&source).send().await.unwrap();
    assert_eq!(listed.results()[0].status(), Some("COMPLETED"));
    assert_eq!(listed.results()[0].approximate_number_of_messages_moved(), 1);
    let back = glance(&stack.clients, "payments").await.unwrap();
    assert_eq!(back.body(), Some("poison"));
    assert_eq!(back.attributes.unwrap()[&System::ApproximateReceiveCount], "1");
    let not_dead = stack.clients.sqs.start_message_move_task().source_arn(queue_arn("payments")).send().await;
    assert_eq!(code(&not_dead.unwrap_err()), "InvalidParameterValue");
}

#[tokio::test]
async fn a_person_sends_back_what_failed_and_what_was_parked_directly_alike() {
    let stack = Stack::start().await;
    fail(&stack.clients).await;
    let parked = stack.clients.sqs.send_message().message_body("parked");
    parked.queue_url(stack.clients.queue_url("payments-dead-letters")).send().await.unwrap();
    let queues = stack.aws.queues();
    let letters = queues.dead_letters("payments").unwrap();
    assert_eq!(letters.iter().map(|letter| letter.failed).collect::<Vec<_>>(), [true, false]);
    let note = Note { by: "Ada Example".to_owned(), why: String::new(), reason: String::new() };
    let returns = letters.iter().map(|letter| Return {
        id: letter.message.id.clone(),
        attributes: letter.message.attributes.clone(),
        note: note.clone(),
    });
    let sent = queues.return_dead_letters("payments", returns.collect()).await.unwrap();
    assert_eq!(sent.iter().filter(|(_, new_id)| new_id.is_some()).count(), 2);
    let depths = stack.aws.queues().depths();
    let visible = |queue: &str| depths.iter().find(|row| row.queue == queue).unwrap().depth.visible;
    assert_eq!((visible("payments"), visible("payments-dead-letters")), (2, 0));
}
