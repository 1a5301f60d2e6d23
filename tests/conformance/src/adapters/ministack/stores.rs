//! Tables, a bucket and secrets of `ministack`: implementations that have nothing of ours, nor of those that the local
//! host embeds.

use std::sync::atomic::{AtomicU32, Ordering};

use adapters_aws::{
    Aws, DynamoBudgets, DynamoDonations, DynamoJournal, DynamoNotifications, DynamoReadings, DynamoVelocity,
    DynamoWorkList, S3Exports, SecretsManagerCredentials, SecretsManagerKeys, SystemClock, UuidIds,
};
use app::ports::{
    Budgets, CapabilityKeys, Donations, Exports, Ids, Journal, Notifications, ProviderCredentials, Readings,
    Velocity, WorkList,
};
use aws_local::{REGION, create_table_request};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use contracts::topology::Topology;
use serde_json::{Value, json};

use super::super::aws::{connect, object, s3, secrets};
use super::super::http_client;
use super::endpoint;
use crate::running::World;
use crate::suites::budgets::BudgetsWorld;
use crate::suites::donations::DonationsWorld;
use crate::suites::exports::{ExportsWorld, Object};
use crate::suites::journal::JournalWorld;
use crate::suites::notifications::NotificationsWorld;
use crate::suites::readings::ReadingsWorld;
use crate::suites::secrets::SecretsWorld;
use crate::suites::velocity::VelocityWorld;
use crate::suites::work_list::WorkListWorld;

/// The tables of the topology as shipped, a bucket and secrets, under names that no other world has.
pub(crate) struct StoresOnMinistack {
    aws: Aws,
    prefix: String,
}

impl World for StoresOnMinistack {
    async fn start() -> Self {
        static WORLDS: AtomicU32 = AtomicU32::new(0);
        let endpoint = endpoint();
        let prefix = format!("w{}-{}", WORLDS.fetch_add(1, Ordering::Relaxed), UuidIds.fresh());
        let world = Self { aws: connect(&endpoint, &endpoint), prefix };
        for (name, table) in &Topology::shipped().tables {
            let request = create_table_request(&world.name(name), table);
            ask("dynamodb", "DynamoDB_20120810.CreateTable", &request).await;
        }
        for (name, text) in secrets() {
            let request = json!({ "Name": world.name(&name), "SecretString": text });
            ask("secretsmanager", "secretsmanager.CreateSecret", &request).await;
        }
        let here = BucketLocationConstraint::from(REGION);
        let here = CreateBucketConfiguration::builder().location_constraint(here).build();
        let made = s3(&endpoint).create_bucket().bucket(world.name("exports"));
        made.create_bucket_configuration(here).send().await.unwrap();
        world
    }
}

/// Asks for what the adapters never ask for.
async fn ask(service: &str, target: &str, body: &Value) {
    let scope = format!("local/20261120/{REGION}/{service}/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
    let request = http_client()
        .post(endpoint())
        .header("authorization", authorization)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", target)
        .body(body.to_string());
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status(), answer.text().await.unwrap());
    assert!(status.is_success(), "{status} {text}");
}

impl StoresOnMinistack {
    fn name(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

impl DonationsWorld for StoresOnMinistack {
    fn donations(&self) -> impl Donations {
        DynamoDonations::new(&self.aws, self.name("donations"))
    }
}

impl BudgetsWorld for StoresOnMinistack {
    fn budgets(&self) -> impl Budgets {
        DynamoBudgets::new(&self.aws, self.name("limits"))
    }
}

impl ReadingsWorld for StoresOnMinistack {
    fn readings(&self) -> impl Readings {
        DynamoReadings::new(&self.aws, self.name("limits"))
    }
}

impl JournalWorld for StoresOnMinistack {
    fn journal(&self) -> impl Journal {
        DynamoJournal::new(&self.aws, self.name("ledger"))
    }
}

impl NotificationsWorld for StoresOnMinistack {
    fn notifications(&self) -> impl Notifications {
        DynamoNotifications::new(&self.aws, self.name("notifications"))
    }
}

impl WorkListWorld for StoresOnMinistack {
    fn work_list(&self) -> impl WorkList {
        DynamoWorkList::new(&self.aws, self.name("work"))
    }
}

impl VelocityWorld for StoresOnMinistack {
    fn velocity(&self) -> impl Velocity {
        DynamoVelocity::new(&self.aws, self.name("limits"))
    }
}

impl ExportsWorld for StoresOnMinistack {
    fn exports(&self) -> impl Exports {
        S3Exports::new(&self.aws, self.name("exports"))
    }

    async fn object(&self, key: &str) -> Option<Object> {
        object(&s3(&endpoint()), &self.name("exports"), key).await
    }
}

impl SecretsWorld for StoresOnMinistack {
    fn keys(&self) -> impl CapabilityKeys {
        SecretsManagerKeys::new(&self.aws, self.name("capability-key"), SystemClock)
    }

    fn credentials(&self) -> impl ProviderCredentials {
        SecretsManagerCredentials::new(&self.aws, self.name("provider-stripe"), SystemClock)
    }

    fn missing_keys(&self) -> impl CapabilityKeys {
        SecretsManagerKeys::new(&self.aws, self.name("no-such-secret"), SystemClock)
    }

    fn missing_credentials(&self) -> impl ProviderCredentials {
        SecretsManagerCredentials::new(&self.aws, self.name("no-such-secret"), SystemClock)
    }
}
