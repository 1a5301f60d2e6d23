//! What AWS and the payment provider publish as their limits, each with its page and the day it was read.

/// A published figure.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// What it limits.
    pub what: &'static str,
    /// How many.
    pub value: u64,
    /// Of what.
    pub unit: &'static str,
    /// The page that says so.
    pub source: &'static str,
    /// When it was read there.
    pub read_on: &'static str,
}

const fn published(
    what: &'static str,
    value: u64,
    unit: &'static str,
    source: &'static str,
    read_on: &'static str,
) -> Published {
    Published { what, value, unit, source, read_on }
}

const LAMBDA_SCALING: &str = "docs.aws.amazon.com/lambda/latest/dg/scaling-behavior.html";
const LAMBDA_CONCURRENCY_PAGE: &str = "docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html";
const LAMBDA_SQS: &str = "docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html";
const WARM_THROUGHPUT: &str =
    "docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html";
const ON_DEMAND: &str = "docs.aws.amazon.com/amazondynamodb/latest/developerguide/warm-throughput.html";
const SNS_QUOTAS: &str = "docs.aws.amazon.com/general/latest/gr/sns.html";
const API_QUOTAS: &str = "docs.aws.amazon.com/apigateway/latest/developerguide/limits.html";
const STRIPE_LIMITS: &str = "docs.stripe.com/rate-limits";
const SES_QUOTAS: &str = "docs.aws.amazon.com/ses/latest/dg/quotas.html";

/// New environments of one function, as many as may start within ten seconds.
pub const ENVIRONMENTS_PER_10_SECONDS: Published =
    published("Lambda: new environments of one function", 1_000, "per 10 s", LAMBDA_SCALING, "2026-11-21");
/// Environments of all functions of an account in a region together.
pub const ACCOUNT_CONCURRENCY: Published = published(
    "Lambda: environments of an account in a region",
    1_000,
    "at once",
    LAMBDA_CONCURRENCY_PAGE,
    "2026-11-21",
);
/// Synchronous requests a second for each unit of concurrency. The page states it for the account and for
/// provisioned concurrency, "all quotas that involve concurrency"; here it is taken to hold for reserved
/// concurrency too.
pub const REQUESTS_PER_CONCURRENCY: Published = published(
    "Lambda: requests for each unit of concurrency",
    10,
    "per s",
    LAMBDA_CONCURRENCY_PAGE,
    "2026-11-21",
);
/// Memory at which a function has one whole processor; with less it has its share.
pub const MEMORY_OF_ONE_PROCESSOR: Published = published(
    "Lambda: memory that comes with one processor",
    1_769,
    "MB",
    "docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html",
    "2026-11-20",
);
/// Invocations that a queue's event source mapping begins with.
pub const MAPPING_STARTS_WITH: Published =
    published("Lambda: batches a queue's mapping begins with", 5, "at once", LAMBDA_SQS, "2026-11-21");
/// Invocations that a mapping adds while messages wait.
pub const MAPPING_ADDS_PER_MINUTE: Published =
    published("Lambda: batches a mapping adds, standard mode", 300, "per min", LAMBDA_SQS, "2026-11-21");
/// Most invocations of a mapping in standard mode.
pub const MAPPING_MOST: Published =
    published("Lambda: batches of a mapping, standard mode", 1_250, "at once", LAMBDA_SQS, "2026-11-21");
/// Invocations that a mapping with provisioned pollers adds while messages wait.
pub const PROVISIONED_ADDS_PER_MINUTE: Published = published(
    "Lambda: batches a mapping adds, provisioned pollers",
    1_000,
    "per min",
    LAMBDA_SQS,
    "2026-11-21",
);
/// Most invocations of a mapping with provisioned pollers.
pub const PROVISIONED_MOST: Published = published(
    "Lambda: batches of a mapping, provisioned pollers",
    20_000,
    "at once",
    "aws.amazon.com/blogs/aws/aws-lambda-enhances-sqs-processing-with-new-provisioned-mode-3x-faster-scaling-16x-\
     higher-capacity",
    "2026-11-21",
);
/// Writes of a new on-demand table or index.
pub const NEW_TABLE_WRITES: Published = published(
    "DynamoDB: a new on-demand table or index, writes",
    4_000,
    "units/s",
    WARM_THROUGHPUT,
    "2026-11-21",
);
/// Reads of a new on-demand table or index.
pub const NEW_TABLE_READS: Published = published(
    "DynamoDB: a new on-demand table or index, reads",
    12_000,
    "units/s",
    WARM_THROUGHPUT,
    "2026-11-21",
);
/// How far an on-demand table may go above its former peak within half an hour.
pub const PEAK_MULTIPLE: Published =
    published("DynamoDB: growth over the former peak", 2, "times in 30 min", ON_DEMAND, "2026-11-21");
/// Writes of one partition.
pub const PARTITION_WRITES: Published =
    published("DynamoDB: one partition, writes", 1_000, "units/s", WARM_THROUGHPUT, "2026-11-21");
/// Reads of one partition.
pub const PARTITION_READS: Published =
    published("DynamoDB: one partition, reads", 3_000, "units/s", WARM_THROUGHPUT, "2026-11-21");
/// Messages published in London.
pub const PUBLISHES_LONDON: Published =
    published("SNS: messages published, eu-west-2 (London)", 300, "per s", SNS_QUOTAS, "2026-11-20");
/// Messages published in Ireland.
pub const PUBLISHES_IRELAND: Published =
    published("SNS: messages published, eu-west-1 (Ireland)", 9_000, "per s", SNS_QUOTAS, "2026-11-20");
/// Messages of a standard queue that were received and not yet deleted.
pub const QUEUE_IN_FLIGHT: Published = published(
    "SQS: messages of a queue in flight",
    120_000,
    "at once",
    "docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html",
    "2026-11-20",
);
/// Requests of all APIs of an account in a region.
pub const API_REQUESTS: Published =
    published("API Gateway: requests of an account in a region", 10_000, "per s", API_QUOTAS, "2026-11-20");
/// Requests that may come at once above that.
pub const API_BURST: Published =
    published("API Gateway: requests at once", 5_000, "requests", API_QUOTAS, "2026-11-20");
/// Calls a second to one of Stripe's endpoints unless it says otherwise: creating a payment.
pub const STRIPE_ENDPOINT: Published =
    published("Stripe: calls to one endpoint", 25, "per s", STRIPE_LIMITS, "2026-11-20");
/// Calls a second of a live account. More is Stripe's to grant, and is asked for six weeks ahead.
pub const STRIPE_ACCOUNT: Published =
    published("Stripe: calls of a live account", 100, "per s", STRIPE_LIMITS, "2026-11-20");
/// Mails a second while an account is in the sandbox. AWS publishes no figure for accounts out of it.
pub const MAILS_SANDBOX: Published =
    published("SES: mails of an account in the sandbox", 1, "per s", SES_QUOTAS, "2026-11-20");

/// All of them, as the plan prints them.
pub const ALL: [&Published; 21] = [
    &API_REQUESTS,
    &API_BURST,
    &ACCOUNT_CONCURRENCY,
    &ENVIRONMENTS_PER_10_SECONDS,
    &REQUESTS_PER_CONCURRENCY,
    &MEMORY_OF_ONE_PROCESSOR,
    &MAPPING_STARTS_WITH,
    &MAPPING_ADDS_PER_MINUTE,
    &MAPPING_MOST,
    &PROVISIONED_ADDS_PER_MINUTE,
    &PROVISIONED_MOST,
    &NEW_TABLE_WRITES,
    &NEW_TABLE_READS,
    &PEAK_MULTIPLE,
    &PARTITION_WRITES,
    &PARTITION_READS,
    &PUBLISHES_LONDON,
    &PUBLISHES_IRELAND,
    &QUEUE_IN_FLIGHT,
    &STRIPE_ENDPOINT,
    &STRIPE_ACCOUNT,
];

/// What can hold a donor or a donation up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Limit {
    /// Requests of the API.
    ApiRequests,
    /// Environments of `accept-donation`, and the requests that they may take.
    AcceptConcurrency,
    /// How fast environments of `accept-donation` start.
    ScaleUp,
    /// Writes of the table of donations.
    TableWrites,
    /// Writes of its index of what is owed.
    IndexWrites,
    /// Messages published.
    Publishes,
    /// How many donations the completer takes up.
    Completer,
    /// Environments that the account has left for the queues.
    AccountConcurrency,
    /// How fast a mapping takes more batches at once.
    MappingRamp,
    /// Calls to the payment provider.
    ProviderCalls,
    /// Mails.
    Mails,
    /// Batches of payments at once.
    PaymentBatches,
    /// Batches of journal entries at once.
    LedgerBatches,
    /// Batches of receipts at once.
    ReceiptBatches,
    /// Batches of notifications at once.
    NotificationBatches,
}

impl Limit {
    /// What it is called in the plan.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiRequests => "API Gateway requests",
            Self::AcceptConcurrency => "concurrency of accept-donation",
            Self::ScaleUp => "Lambda scale-up",
            Self::TableWrites => "writes of the table",
            Self::IndexWrites => "writes of the index",
            Self::Publishes => "SNS publishes",
            Self::Completer => "the completer",
            Self::AccountConcurrency => "concurrency of the account",
            Self::MappingRamp => "ramp of the event source mapping",
            Self::ProviderCalls => "provider's calls",
            Self::Mails => "SES mails",
            Self::PaymentBatches => "concurrency of take-payment",
            Self::LedgerBatches => "concurrency of post-journal-entry",
            Self::ReceiptBatches => "concurrency of send-receipt",
            Self::NotificationBatches => "concurrency of apply-notification",
        }
    }
}
