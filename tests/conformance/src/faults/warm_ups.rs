//! Warming up: a call that is made for its connection succeeds, changes nothing, and fails where the real one
//! would.

use adapters_aws::{
    Aws, DynamoDonations, DynamoNotifications, SecretsManagerCredentials, SecretsManagerKeys, SnsEvents,
    SqsNotificationQueue, SystemClock,
};
use app::ports::Fault;
use aws_local::{secret_arn, topic_arn};

use super::server::Nobody;
use crate::adapters::OnAws;
use crate::adapters::aws::connect_apart;
use crate::running::{block_on, run};
use crate::suites::delivery::DeliveryWorld;

/// Where everything is, or is thought to be.
struct Places<'a> {
    table: &'a str,
    notifications: &'a str,
    topic_arn: String,
    queue_url: String,
    secret: [String; 2],
}

async fn warm_up(aws: &Aws, places: &Places<'_>) -> [Result<(), Fault>; 7] {
    let donations = DynamoDonations::new(aws, places.table);
    let [keys, credentials] = &places.secret;
    [
        donations.warm_up_writing().await,
        donations.warm_up_reading().await,
        DynamoNotifications::new(aws, places.notifications).warm_up_writing().await,
        SnsEvents::new(aws, &places.topic_arn).warm_up().await,
        SqsNotificationQueue::new(aws, &places.queue_url).warm_up().await,
        SecretsManagerKeys::new(aws, keys, SystemClock).warm_up().await,
        SecretsManagerCredentials::new(aws, credentials, SystemClock).warm_up().await,
    ]
}

#[test]
fn warming_up_succeeds_and_leaves_nothing_behind() {
    run(async |world: &OnAws| {
        let places = Places {
            table: "donations",
            notifications: "notifications",
            topic_arn: topic_arn("events"),
            queue_url: world.local.queue_url("notifications"),
            secret: [secret_arn("capability-key"), secret_arn("provider-stripe")],
        };
        for answer in warm_up(&world.aws, &places).await {
            answer.unwrap_or_else(|fault| panic!("{}", fault.chain()));
        }
        for queue in world.queues() {
            assert_eq!(world.receive(&queue).await, [], "{queue}");
        }
        assert_eq!(world.local.counters().write_units, []);
    });
}

#[test]
fn warming_up_tells_of_what_is_not_there() {
    run(async |world: &OnAws| {
        let places = Places {
            table: "no-such-table",
            notifications: "no-such-table",
            topic_arn: topic_arn("no-such-topic"),
            queue_url: world.local.queue_url("no-such-queue"),
            secret: [secret_arn("no-such-secret"), secret_arn("no-such-secret")],
        };
        for answer in warm_up(&world.aws, &places).await {
            crate::suites::assert_permanent(&answer.unwrap_err(), &["no-such-"]);
        }
    });
}

#[test]
fn warming_up_without_a_connection_is_a_transient_fault() {
    block_on(async {
        let nobody = Nobody::new();
        let places = Places {
            table: "donations",
            notifications: "notifications",
            topic_arn: topic_arn("events"),
            queue_url: format!("{}/000000000000/notifications", nobody.url),
            secret: [secret_arn("capability-key"), secret_arn("provider-stripe")],
        };
        for answer in warm_up(&connect_apart(&nobody.url), &places).await {
            let fault = answer.unwrap_err();
            assert!(matches!(fault, Fault::Transient { .. }), "{}", fault.chain());
        }
    });
}
