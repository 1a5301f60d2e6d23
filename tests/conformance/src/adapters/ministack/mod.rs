//! Topics and queues of `ministack` (PyPI, MIT), an implementation of SNS and SQS that has nothing of ours.

mod stores;

use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use adapters_aws::UuidIds;
use app::ports::Ids;
use aws_local::{REGION, dead_letters_of};
use contracts::topology::{Queue, Topology};
use serde_json::json;
use tests_second_engine::{Ministack, free_address};

use super::aws::connect;
use super::http_client;
use super::queues::{OverQueues, Queues};
use crate::running::World;

pub(crate) use stores::StoresOnMinistack;

/// The topic and queues of the topology as shipped, under names that no other world has.
pub(crate) struct OnMinistack(Queues);

/// SNS and SQS in their form protocol, for what the adapters never ask for.
struct Setup {
    http: reqwest::Client,
    endpoint: String,
    prefix: String,
}

impl World for OnMinistack {
    async fn start() -> Self {
        static WORLDS: AtomicU32 = AtomicU32::new(0);
        let endpoint = endpoint();
        let world = WORLDS.fetch_add(1, Ordering::Relaxed);
        let prefix = format!("w{world}-{}", UuidIds.fresh());
        let setup = Setup { http: http_client(), endpoint, prefix };
        let topology = Topology::shipped();
        let topic_arn = setup.ask("sns", &[("Action", "CreateTopic"), ("Name", &setup.name("events"))]).await;
        let topic_arn = element(&topic_arn, "TopicArn");
        let mut urls = BTreeMap::new();
        for (name, queue) in &topology.queues {
            let dead_letters = dead_letters_of(name);
            urls.insert(dead_letters.clone(), setup.queue(&dead_letters, &[]).await);
            urls.insert(name.clone(), setup.source_queue(name, queue).await);
            setup.subscribe(name, queue, &topic_arn).await;
        }
        let aws = connect(&setup.endpoint, &setup.endpoint);
        Self(Queues { aws, topic_arn, urls })
    }
}

/// Where it answers: one for all worlds, such as `http://127.0.0.1:20123`.
fn endpoint() -> String {
    static RUNNING: OnceLock<Ministack> = OnceLock::new();
    let running = RUNNING.get_or_init(|| {
        Ministack::start(free_address(), &[("SERVICES", "dynamodb,s3,secretsmanager,sns,sqs")], None)
    });
    format!("http://{}", running.address)
}

impl OverQueues for OnMinistack {
    fn over_queues(&self) -> &Queues {
        &self.0
    }
}

impl Setup {
    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }

    fn queue_arn(&self, name: &str) -> String {
        format!("arn:aws:sqs:{REGION}:000000000000:{}", self.name(name))
    }

    async fn source_queue(&self, name: &str, queue: &Queue) -> String {
        let arn = self.queue_arn(&dead_letters_of(name));
        let redrive = json!({ "deadLetterTargetArn": arn, "maxReceiveCount": queue.receive_count_max });
        let attributes = [
            ("VisibilityTimeout", queue.visibility_timeout_seconds.to_string()),
            ("MessageRetentionPeriod", queue.retention_seconds.to_string()),
            ("RedrivePolicy", redrive.to_string()),
        ];
        self.queue(name, &attributes).await
    }

    async fn queue(&self, name: &str, attributes: &[(&str, String)]) -> String {
        let mut form =
            vec![("Action".to_owned(), "CreateQueue".to_owned()), ("QueueName".to_owned(), self.name(name))];
        for (number, (attribute, value)) in (1..).zip(attributes) {
            form.push((format!("Attribute.{number}.Name"), (*attribute).to_owned()));
            form.push((format!("Attribute.{number}.Value"), value.clone()));
        }
        let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        element(&self.ask("sqs", &form).await, "QueueUrl")
    }

    async fn subscribe(&self, name: &str, queue: &Queue, topic_arn: &str) {
        let Some(subscription) = &queue.subscription else { return };
        let (endpoint, filter) = (self.queue_arn(name), json!(subscription.filter).to_string());
        let form = [
            ("Action", "Subscribe"),
            ("TopicArn", topic_arn),
            ("Protocol", "sqs"),
            ("Endpoint", &endpoint),
            ("Attributes.entry.1.key", "FilterPolicy"),
            ("Attributes.entry.1.value", &filter),
            ("Attributes.entry.2.key", "RawMessageDelivery"),
            ("Attributes.entry.2.value", if subscription.raw_delivery { "true" } else { "false" }),
        ];
        self.ask("sns", &form).await;
    }

    async fn ask(&self, service: &str, form: &[(&str, &str)]) -> String {
        let scope = format!("local/20261120/{REGION}/{service}/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        let request = self.http.post(&self.endpoint).header("authorization", authorization).form(form);
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{status} {text}");
        text
    }
}

/// The text of the first element of this name.
fn element(xml: &str, name: &str) -> String {
    let rest = xml.split_once(&format!("<{name}>")).unwrap().1;
    rest.split_once('<').unwrap().0.to_owned()
}
