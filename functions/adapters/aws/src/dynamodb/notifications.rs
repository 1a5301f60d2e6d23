//! Raw webhook notifications in a DynamoDB table, one item each.

use app::ports::{Fault, Notification, Notifications};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use contracts::stored::NotificationItem;
use domain::ids::NotificationId;
use domain::time::Timestamp;

use super::NOBODY;
use super::item::{self, Item};
use crate::call::{Call, CallError};
use crate::connection::Aws;

const KEEP: &str = "keep a notification";
const LOAD: &str = "load a notification";
const WARM_UP: &str = "connect to the store of notifications";

/// How long a notification is kept: three times as long as it can wait in a queue and then in its dead-letter queue.
const KEPT_SECONDS: u64 = 90 * 24 * 60 * 60;

/// The store of notifications over a DynamoDB table with partition key `id`.
#[derive(Debug, Clone)]
pub struct DynamoNotifications {
    client: Client,
    table: String,
}

impl DynamoNotifications {
    /// The notifications in this table.
    pub fn new(aws: &Aws, table: impl Into<String>) -> Self {
        Self { client: aws.dynamodb().clone(), table: table.into() }
    }

    /// Opens the connection: puts an item on the condition that an item of an impossible id is there already, which
    /// is refused. Needs `dynamodb:PutItem`.
    ///
    /// # Errors
    /// There is no connection, or no permission. The function can go on; its first call will meet the same.
    pub async fn warm_up_writing(&self) -> Result<(), Fault> {
        let item = Item::from([("id".to_owned(), item::text(NOBODY))]);
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item));
        match put.condition_expression("attribute_exists(id)").send().await {
            Ok(_) => Err(Fault::permanent(WARM_UP, "an item that cannot be there is there")),
            Err(error) if is_condition(&error) => Ok(()),
            Err(error) => Err(CallError::of(self.call("dynamodb:PutItem"), error).into_fault(WARM_UP)),
        }
    }

    fn call(&self, operation: &'static str) -> Call {
        Call::new(operation, "table", &self.table)
    }
}

impl Notifications for DynamoNotifications {
    async fn keep(&self, notification: &Notification) -> Result<bool, Fault> {
        let item = NotificationItem {
            id: notification.id.to_string(),
            body: notification.body.clone(),
            received_at: notification.received_at.as_millis(),
            expires_at: notification.received_at.as_seconds().saturating_add(KEPT_SECONDS),
        };
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item::write(KEEP, &item)?));
        match put.condition_expression("attribute_not_exists(id)").send().await {
            Ok(_) => Ok(true),
            Err(error) if is_condition(&error) => Ok(false),
            Err(error) => Err(CallError::of(self.call("dynamodb:PutItem"), error).into_fault(KEEP)),
        }
    }

    async fn load(&self, id: &NotificationId) -> Result<Option<Notification>, Fault> {
        let get = self.client.get_item().table_name(&self.table).key("id", item::text(id.as_str()));
        let answer = get.consistent_read(true).send().await;
        let answer =
            answer.map_err(|error| CallError::of(self.call("dynamodb:GetItem"), error).into_fault(LOAD))?;
        let Some(found) = answer.item else { return Ok(None) };
        let found: NotificationItem = item::read(LOAD, &self.table, found)?;
        Ok(Some(Notification {
            id: NotificationId::parse(&found.id).map_err(|malformed| Fault::permanent(LOAD, malformed))?,
            body: found.body,
            received_at: Timestamp::from_millis(found.received_at),
        }))
    }
}

fn is_condition(error: &SdkError<PutItemError>) -> bool {
    error.as_service_error().is_some_and(PutItemError::is_conditional_check_failed_exception)
}
