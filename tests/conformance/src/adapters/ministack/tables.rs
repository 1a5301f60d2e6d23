//! Tables of `ministack`: an implementation of DynamoDB that has nothing of ours, nor of the one that the local host
//! embeds.

use std::sync::atomic::{AtomicU32, Ordering};

use adapters_aws::{
    Aws, DynamoBudgets, DynamoDonations, DynamoJournal, DynamoNotifications, DynamoReadings, DynamoVelocity,
    DynamoWorkList, UuidIds,
};
use app::ports::{Budgets, Donations, Ids, Journal, Notifications, Readings, Velocity, WorkList};
use aws_local::{REGION, create_table_request};
use contracts::topology::Topology;

use super::super::aws::connect;
use super::super::http_client;
use super::endpoint;
use crate::running::World;
use crate::suites::budgets::BudgetsWorld;
use crate::suites::donations::DonationsWorld;
use crate::suites::journal::JournalWorld;
use crate::suites::notifications::NotificationsWorld;
use crate::suites::readings::ReadingsWorld;
use crate::suites::velocity::VelocityWorld;
use crate::suites::work_list::WorkListWorld;

/// The tables of the topology as shipped, under names that no other world has.
pub(crate) struct TablesOnMinistack {
    aws: Aws,
    prefix: String,
}

impl World for TablesOnMinistack {
    async fn start() -> Self {
        static WORLDS: AtomicU32 = AtomicU32::new(0);
        let (endpoint, http) = (endpoint(), http_client());
        let prefix = format!("w{}-{}", WORLDS.fetch_add(1, Ordering::Relaxed), UuidIds.fresh());
        let scope = format!("local/20261120/{REGION}/dynamodb/aws4_request");
        let authorization =
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=none");
        for (name, table) in &Topology::shipped().tables {
            let request = http
                .post(&endpoint)
                .header("authorization", &authorization)
                .header("content-type", "application/x-amz-json-1.0")
                .header("x-amz-target", "DynamoDB_20120810.CreateTable")
                .body(create_table_request(&format!("{prefix}-{name}"), table).to_string());
            let answer = request.send().await.unwrap();
            let (status, text) = (answer.status(), answer.text().await.unwrap());
            assert!(status.is_success(), "{status} {text}");
        }
        Self { aws: connect(&endpoint, &endpoint), prefix }
    }
}

impl TablesOnMinistack {
    fn table(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

impl DonationsWorld for TablesOnMinistack {
    fn donations(&self) -> impl Donations {
        DynamoDonations::new(&self.aws, self.table("donations"))
    }
}

impl BudgetsWorld for TablesOnMinistack {
    fn budgets(&self) -> impl Budgets {
        DynamoBudgets::new(&self.aws, self.table("limits"))
    }
}

impl ReadingsWorld for TablesOnMinistack {
    fn readings(&self) -> impl Readings {
        DynamoReadings::new(&self.aws, self.table("limits"))
    }
}

impl JournalWorld for TablesOnMinistack {
    fn journal(&self) -> impl Journal {
        DynamoJournal::new(&self.aws, self.table("ledger"))
    }
}

impl NotificationsWorld for TablesOnMinistack {
    fn notifications(&self) -> impl Notifications {
        DynamoNotifications::new(&self.aws, self.table("notifications"))
    }
}

impl WorkListWorld for TablesOnMinistack {
    fn work_list(&self) -> impl WorkList {
        DynamoWorkList::new(&self.aws, self.table("work"))
    }
}

impl VelocityWorld for TablesOnMinistack {
    fn velocity(&self) -> impl Velocity {
        DynamoVelocity::new(&self.aws, self.table("limits"))
    }
}
