//! The ports over AWS, against AWS's endpoints on loopback with everything that the topology ships.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicU32, Ordering};

use adapters_aws::{
    Aws, AwsSettings, DynamoBudgets, DynamoDonations, DynamoJournal, DynamoNotifications, DynamoReadings,
    DynamoVelocity, DynamoWorkList, S3Exports, SecretsManagerCredentials, SecretsManagerKeys, SesMailer,
    SystemClock, TokioPause, UuidIds, ZoneCalendar,
};
use app::ports::{
    Budgets, Calendar, CapabilityKeys, Clock, Donations, Exports, Ids, Journal, Mailer, Notifications, Pause,
    ProviderCredentials, Readings, Velocity, WorkList,
};
use aws_local::{
    ACCESS_KEY_ID, AwsLocal, MailSummary, REGION, SECRET_ACCESS_KEY, Settings, secret_arn, topic_arn,
};
use aws_sdk_s3::operation::get_object::GetObjectError;
use contracts::topology::Topology;
use data_encoding::BASE64;
use mail_parser::MessageParser;
use serde_json::json;
use tempfile::TempDir;

use super::queues::{OverQueues, Queues};
use crate::fixtures::secrets::{API_KEY, key_bytes, webhook_secrets};
use crate::running::World;
use crate::suites::budgets::BudgetsWorld;
use crate::suites::calendar::CalendarWorld;
use crate::suites::donations::DonationsWorld;
use crate::suites::exports::{ExportsWorld, Object};
use crate::suites::ids::IdsWorld;
use crate::suites::journal::JournalWorld;
use crate::suites::mailer::{MailerWorld, TakenMail};
use crate::suites::notifications::NotificationsWorld;
use crate::suites::pause::PauseWorld;
use crate::suites::readings::ReadingsWorld;
use crate::suites::secrets::SecretsWorld;
use crate::suites::velocity::VelocityWorld;
use crate::suites::work_list::WorkListWorld;

/// The configuration set and the sender that the mail service knows.
pub(crate) const CONFIGURATION_SET: &str = "receipts";
/// Sender of every mail.
pub(crate) const SENDER: &str = "Invented Charity <receipts@charity.example>";

/// AWS on loopback, in a folder of its own.
pub(crate) struct OnAws {
    pub(crate) aws: Aws,
    pub(crate) local: AwsLocal,
    queues: Queues,
    _folder: TempDir,
}

/// A connection to endpoints at these addresses.
pub(crate) fn connect(endpoint_url: &str, s3_endpoint_url: &str) -> Aws {
    connect_in(REGION.to_owned(), endpoint_url, s3_endpoint_url)
}

/// A connection to one endpoint that fails. The SDK grants a process so many retries for each service and
/// region, and then no more until calls succeed again; so that no case spends another's retries, each has a
/// region of its own.
pub(crate) fn connect_apart(endpoint_url: &str) -> Aws {
    static REGIONS: AtomicU32 = AtomicU32::new(0);
    let region = format!("invented-{}", REGIONS.fetch_add(1, Ordering::Relaxed));
    connect_in(region, endpoint_url, endpoint_url)
}

fn connect_in(region: String, endpoint_url: &str, s3_endpoint_url: &str) -> Aws {
    let settings = AwsSettings {
        region,
        access_key_id: ACCESS_KEY_ID.to_owned(),
        secret_access_key: SECRET_ACCESS_KEY.into(),
        session_token: None,
        endpoint_url: Some(endpoint_url.to_owned()),
        s3_endpoint_url: Some(s3_endpoint_url.to_owned()),
        function: "conformance".to_owned(),
    };
    Aws::connect(settings).unwrap()
}

/// A client of the topic that publishes anything, which the adapter does not.
pub(crate) fn sns(endpoint_url: &str) -> aws_sdk_sns::Client {
    use aws_sdk_sns::config::{BehaviorVersion, Config, Credentials, Region};
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint_url);
    aws_sdk_sns::Client::from_conf(config.build())
}

pub(crate) fn secrets() -> BTreeMap<String, String> {
    let keys: Vec<_> = key_bytes().iter().map(|key| BASE64.encode(key)).collect();
    let credentials = json!({ "api_key": API_KEY, "webhook_secrets": webhook_secrets() });
    let secrets = [("capability-key", json!({ "keys": keys })), ("provider-stripe", credentials)];
    secrets.into_iter().map(|(name, text)| (name.to_owned(), text.to_string())).collect()
}

impl World for OnAws {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings = Settings {
            data: folder.path().to_owned(),
            topology: Topology::shipped(),
            secrets: secrets(),
            senders: vec!["charity.example".to_owned()],
            configuration_sets: vec![CONFIGURATION_SET.to_owned()],
            clock: aws_local::Clock::system(),
        };
        let local = aws_local::start(settings).await.unwrap();
        let aws = connect(local.endpoint_url(), local.s3_endpoint_url());
        let urls = local.queues().depths().into_iter().map(|depth| {
            let url = local.queue_url(&depth.queue);
            (depth.queue, url)
        });
        let queues = Queues { aws: aws.clone(), topic_arn: topic_arn("events"), urls: urls.collect() };
        Self { aws, local, queues, _folder: folder }
    }

    async fn stop(self) {
        self.local.stop().await;
    }
}

impl OverQueues for OnAws {
    fn over_queues(&self) -> &Queues {
        &self.queues
    }
}

impl DonationsWorld for OnAws {
    fn donations(&self) -> impl Donations {
        DynamoDonations::new(&self.aws, "donations")
    }
}

impl BudgetsWorld for OnAws {
    fn budgets(&self) -> impl Budgets {
        DynamoBudgets::new(&self.aws, "limits")
    }
}

impl ReadingsWorld for OnAws {
    fn readings(&self) -> impl Readings {
        DynamoReadings::new(&self.aws, "limits")
    }
}

impl JournalWorld for OnAws {
    fn journal(&self) -> impl Journal {
        DynamoJournal::new(&self.aws, "ledger")
    }
}

impl NotificationsWorld for OnAws {
    fn notifications(&self) -> impl Notifications {
        DynamoNotifications::new(&self.aws, "notifications")
    }
}

impl WorkListWorld for OnAws {
    fn work_list(&self) -> impl WorkList {
        DynamoWorkList::new(&self.aws, "work")
    }
}

impl VelocityWorld for OnAws {
    fn velocity(&self) -> impl Velocity {
        DynamoVelocity::new(&self.aws, "limits")
    }
}

impl MailerWorld for OnAws {
    fn mailer(&self) -> impl Mailer {
        SesMailer::new(&self.aws, SENDER, CONFIGURATION_SET).unwrap()
    }

    async fn taken(&self) -> Vec<TakenMail> {
        self.local.mails().unwrap().iter().rev().map(taken).collect()
    }
}

/// Reads the mail as it would have been sent; the recipients are those of its envelope.
fn taken(mail: &MailSummary) -> TakenMail {
    let bytes = fs::read(&mail.path).unwrap();
    let message = MessageParser::default().parse(&bytes).unwrap();
    let sender = message.from().unwrap().first().unwrap();
    assert_eq!(
        (sender.name(), sender.address()),
        (Some("Invented Charity"), Some("receipts@charity.example"))
    );
    let part = |text: Option<std::borrow::Cow<'_, str>>| text.unwrap().replace("\r\n", "\n");
    TakenMail {
        id: mail.message_id.clone(),
        to: mail.to.clone(),
        subject: message.subject().unwrap().to_owned(),
        text: part(message.body_text(0)),
        html: part(message.body_html(0)),
        donation: mail.donation_id.clone().unwrap(),
    }
}

impl ExportsWorld for OnAws {
    fn exports(&self) -> impl Exports {
        S3Exports::new(&self.aws, "exports")
    }

    async fn object(&self, key: &str) -> Option<Object> {
        object(&s3(self.local.s3_endpoint_url()), "exports", key).await
    }
}

/// A client that may read, which the adapter does not lend.
pub(crate) fn s3(endpoint_url: &str) -> aws_sdk_s3::Client {
    use aws_sdk_s3::config::{BehaviorVersion, Config, Credentials, Region};
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET_ACCESS_KEY, None, None, "test");
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(REGION))
        .credentials_provider(credentials)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(endpoint_url)
        .force_path_style(true);
    aws_sdk_s3::Client::from_conf(config.build())
}

/// What lies under a key of a bucket.
pub(crate) async fn object(s3: &aws_sdk_s3::Client, bucket: &str, key: &str) -> Option<Object> {
    let answer = match s3.get_object().bucket(bucket).key(key).send().await {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().is_some_and(GetObjectError::is_no_such_key) => return None,
        Err(error) => panic!("{error:?}"),
    };
    let media_type = answer.content_type().unwrap().to_owned();
    Some(Object { media_type, bytes: answer.body.collect().await.unwrap().to_vec() })
}

impl SecretsWorld for OnAws {
    fn keys(&self) -> impl CapabilityKeys {
        SecretsManagerKeys::new(&self.aws, secret_arn("capability-key"), SystemClock)
    }

    fn credentials(&self) -> impl ProviderCredentials {
        SecretsManagerCredentials::new(&self.aws, secret_arn("provider-stripe"), SystemClock)
    }

    fn missing_keys(&self) -> impl CapabilityKeys {
        SecretsManagerKeys::new(&self.aws, secret_arn("no-such-secret"), SystemClock)
    }

    fn missing_credentials(&self) -> impl ProviderCredentials {
        SecretsManagerCredentials::new(&self.aws, secret_arn("no-such-secret"), SystemClock)
    }
}

/// What the machine itself has: no endpoint is needed.
pub(crate) struct OnThisMachine;

impl World for OnThisMachine {
    async fn start() -> Self {
        Self
    }
}

impl IdsWorld for OnThisMachine {
    fn ids(&self) -> impl Ids {
        UuidIds
    }

    fn clock(&self) -> impl Clock {
        SystemClock
    }
}

impl PauseWorld for OnThisMachine {
    fn pauses(&self) -> impl Pause {
        TokioPause
    }

    fn clock(&self) -> impl Clock {
        SystemClock
    }
}

impl CalendarWorld for OnThisMachine {
    fn calendar(&self) -> impl Calendar {
        ZoneCalendar::new("UTC").unwrap()
    }
}
