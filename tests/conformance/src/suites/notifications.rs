//! `Notifications`: what a provider sent, kept once and byte for byte.

use app::ports::Notifications;
use futures_util::future::join_all;

use crate::fixtures::{after_noon, notification, notification_id};
use crate::running::World;

/// A store of notifications, empty at first.
pub(crate) trait NotificationsWorld: World {
    fn notifications(&self) -> impl Notifications;
}

/// Holds an adapter to this suite.
macro_rules! notifications {
    ($adapter:ident: $world:ident) => {
        $crate::running::cases! { $adapter, $world, notifications:
            a_notification_is_loaded_byte_for_byte,
            a_long_notification_is_kept_whole,
            a_notification_that_was_never_kept_is_not_there,
            keeping_again_changes_nothing,
            of_many_keepings_at_once_one_is_new,
        }
    };
}
pub(crate) use notifications;

pub(crate) async fn a_notification_is_loaded_byte_for_byte(world: &impl NotificationsWorld) {
    let (notifications, notification) = (world.notifications(), notification(1));
    assert!(notifications.keep(&notification).await.unwrap());
    assert!(notifications.load(&notification.id).await.unwrap() == Some(notification));
}

pub(crate) async fn a_long_notification_is_kept_whole(world: &impl NotificationsWorld) {
    let (notifications, mut notification) = (world.notifications(), notification(1));
    notification.body = "{\"invented\": \"é\"}".repeat(15_000);
    assert!(notifications.keep(&notification).await.unwrap());
    assert!(notifications.load(&notification.id).await.unwrap() == Some(notification));
}

pub(crate) async fn a_notification_that_was_never_kept_is_not_there(world: &impl NotificationsWorld) {
    let notifications = world.notifications();
    notifications.keep(&notification(1)).await.unwrap();
    assert!(notifications.load(&notification_id(2)).await.unwrap().is_none());
}

pub(crate) async fn keeping_again_changes_nothing(world: &impl NotificationsWorld) {
    let (notifications, first) = (world.notifications(), notification(1));
    let mut second = notification(1);
    second.body.push_str("another body");
    second.received_at = after_noon(60);
    assert!(notifications.keep(&first).await.unwrap());
    assert!(!notifications.keep(&first).await.unwrap());
    assert!(!notifications.keep(&second).await.unwrap());
    assert!(notifications.load(&first.id).await.unwrap() == Some(first));
}

pub(crate) async fn of_many_keepings_at_once_one_is_new(world: &impl NotificationsWorld) {
    let (notifications, notification) = (world.notifications(), notification(1));
    let answers = join_all((0..16).map(|_| notifications.keep(&notification))).await;
    assert_eq!(answers.into_iter().filter(|answer| *answer.as_ref().unwrap()).count(), 1);
}
