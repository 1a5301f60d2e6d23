//! Starting and stopping.

use std::{sync::Arc, thread};

use contracts::topology::Topology;
use hyper::service::service_fn;
use queue_model::{Model, QueueSettings, Redrive, Refusal, Subscription, policy::FilterPolicy};
use serde_json::json;

use crate::{
    activity::Activity,
    calls::{Calls, Counters},
    dynamodb::{self, DynamoDb},
    engine::Engine,
    error::{MailError, ReadError, StartError},
    folder::{Folder, check_database},
    front::{self, Front},
    listener::{Listener, Port},
    mail::MailSummary,
    now::fresh_seed,
    parked::AuditRow,
    queues::Queues,
    s3,
    secrets::Secrets,
    ses::{self, Ses},
    settings::{Settings, dead_letters_of, queue_arn, topic_arn},
    sns::Sns,
    sqs::Sqs,
    store::{Reader, Store},
};

/// Seconds that a dead-letter queue keeps a message: the most that SQS allows.
const DEAD_LETTERS_RETENTION_SECONDS: u32 = 1_209_600;

/// The endpoints, served until this is stopped or dropped.
///
/// [`AwsLocal::stop`] returns when the folder is let go of. Dropped instead, the folder stays locked for a
/// moment, until what was begun is done, and for as long as a clone of its [`Queues`] is about.
pub struct AwsLocal {
    front: Listener,
    buckets: Listener,
    queues: Queues,
    reader: Reader,
    calls: Calls,
    writer: thread::JoinHandle<()>,
    tables: dynamodb::Running,
    // Last, so that the folder is let go of when everything else is gone.
    folder: Folder,
}

/// Starts the endpoints on two free ports of 127.0.0.1.
///
/// Makes what the topology names and the folder does not have yet; starting again on the same folder carries
/// on.
///
/// # Errors
/// The folder is in use or cannot be written, a file in it is damaged or differs from the topology, the
/// topology asks for something that AWS would refuse, or no port can be had. Nothing is left running.
pub async fn start(settings: Settings) -> Result<AwsLocal, StartError> {
    let Settings { data, topology, secrets, senders, configuration_sets, clock } = settings;
    let folder = Folder::open(&data)?;
    let path = folder.store();
    check_database(&path)?;
    let store = Store::open(&path)?;
    ses::recover(&folder.mail(), &store)?;
    let seed = store
        .seed(fresh_seed())
        .map_err(|e| StartError::Database { path: path.clone(), reason: e.to_string() })?;
    let empty = build(seed, &topology)?;
    let reader = Reader::open(&path, folder.mail())?;
    let calls = Calls::default();
    let service = s3::service(&folder.buckets(), &topology, calls.clone())?;
    let (dynamodb, tables) = DynamoDb::start(&folder.tables(), &topology, folder.lock())?;
    let (engine, writer) = Engine::start(store, &path, empty, clock, folder.lock())?;
    let queues = Queues { engine };
    let (port, buckets_port) = (Port::bind().await?, Port::bind().await?);
    let sqs = Sqs { queues: queues.clone(), url: port.url().to_owned() };
    let sns = Sns { queues: queues.clone() };
    let ses = Ses { queues: queues.clone(), folder: folder.mail(), senders, configuration_sets };
    let secrets = Secrets::new(secrets);
    let front = Arc::new(Front { calls: calls.clone(), dynamodb, sqs, sns, ses, secrets });
    let front = port.serve(service_fn(move |request| front::answer(Arc::clone(&front), request)));
    let buckets = buckets_port.serve(service);
    Ok(AwsLocal { front, buckets, queues, reader, calls, writer, tables, folder })
}

impl AwsLocal {
    /// `http://127.0.0.1:PORT` of everything but S3: `AWS_ENDPOINT_URL`.
    pub fn endpoint_url(&self) -> &str {
        self.front.url()
    }

    /// `http://127.0.0.1:PORT` of S3: `AWS_ENDPOINT_URL_S3`. Buckets are named in the path.
    pub fn s3_endpoint_url(&self) -> &str {
        self.buckets.url()
    }

    /// The URL of a queue, as `GetQueueUrl` gives it.
    pub fn queue_url(&self, queue: &str) -> String {
        format!("{}/{}/{queue}", self.endpoint_url(), crate::settings::ACCOUNT)
    }

    /// The queues, from within the process.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Caught e-mails, newest first.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn mails(&self) -> Result<Vec<MailSummary>, MailError> {
        self.reader.mails()
    }

    /// What happened to a donation's messages and e-mails, oldest first.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn activity(&self, donation_id: &str) -> Result<Vec<Activity>, ReadError> {
        self.reader.activity(donation_id)
    }

    /// What was done to dead letters, oldest first: at most `max` rows after the one with number `after`.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub fn parked_audit(&self, after: u64, max: u32) -> Result<Vec<AuditRow>, ReadError> {
        self.reader.audit(after, max)
    }

    /// What was done to one dead letter, oldest first, under whatever id it had at the time.
    ///
    /// # Errors
    /// The rows cannot be read.
    pub fn parked_history(&self, message_id: &str) -> Result<Vec<AuditRow>, ReadError> {
        self.reader.history(message_id)
    }

    /// Counts of calls since the start; they are not kept.
    pub fn counters(&self) -> Counters {
        self.calls.counters()
    }

    /// Ends everything: answers what has arrived, closes the files and lets go of the folder.
    pub async fn stop(self) {
        let Self { front, buckets, queues, reader, calls: _, writer, tables, folder } = self;
        drop((front, buckets));
        queues.engine.stop().await;
        let threads = [writer, tables.stop()];
        let joined = tokio::task::spawn_blocking(move || {
            threads.map(|thread| thread.join().is_ok()).into_iter().all(|clean| clean)
        });
        if !joined.await.unwrap_or(false) {
            tracing::error!("a thread of the endpoints ended in a panic");
        }
        drop((reader, folder));
    }
}

/// An empty model with the topology's queues, topics and subscriptions.
fn build(seed: u64, topology: &Topology) -> Result<Model, Refusal> {
    let mut model = Model::new(seed);
    for name in topology.topics.keys() {
        model.create_topic(name, &topic_arn(name))?;
    }
    for (name, queue) in &topology.queues {
        let dead_letters = dead_letters_of(name);
        let settings = |arn: String, retention_seconds, redrive| QueueSettings {
            arn,
            visibility_timeout_seconds: queue.visibility_timeout_seconds,
            retention_seconds,
            delay_seconds: 0,
            redrive,
        };
        model.create_queue(
            &dead_letters,
            settings(queue_arn(&dead_letters), DEAD_LETTERS_RETENTION_SECONDS, None),
        )?;
        let redrive =
            Redrive { dead_letters: dead_letters.clone(), receive_count_max: queue.receive_count_max };
        model.create_queue(name, settings(queue_arn(name), queue.retention_seconds, Some(redrive)))?;
        if let Some(subscription) = &queue.subscription {
            let filter = FilterPolicy::parse(&json!(subscription.filter).to_string())?;
            model.subscribe(
                &subscription.topic,
                Subscription {
                    queue: name.clone(),
                    filter: Some(filter),
                    raw_delivery: subscription.raw_delivery,
                    dead_letters: Some(dead_letters),
                },
            )?;
        }
    }
    Ok(model)
}
