import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Keeping, WarmThroughput } from './deployment';
import type { TableSpec } from './topology';

/** Data outlives the stack, except that of a stack whose very first deployment failed, or of a preview. */
export function removalPolicy(keeping: Keeping): RemovalPolicy {
  return keeping === 'data' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY;
}

/**
 * Accounting records are kept for six years after the financial year they belong to (Charities Act 2011,
 * section 131), so seven years cover a day at the start of that year. Governance mode lets a named role
 * end the lock.
 */
const EXPORT_LOCK = ObjectLockRetention.governance(Duration.days(7 * 366));

/** Access logs show who read an export; they are of use until the year's audit is over. */
const ACCESS_LOG_RETENTION = Duration.days(800);

type KeySpec = TableSpec['partition_key'];

function attribute(key: KeySpec): { name: string; type: AttributeType } {
  return { name: key.name, type: key.type === 'S' ? AttributeType.STRING : AttributeType.NUMBER };
}

function keySchema(spec: { partition_key: KeySpec; sort_key?: KeySpec }) {
  return {
    partitionKey: attribute(spec.partition_key),
    sortKey: spec.sort_key && attribute(spec.sort_key),
  };
}

/** What a deployment decides about a table. */
export interface TableChoices {
  readonly keeping: Keeping;
  /** What the table and its indexes bear at once; AWS's own start where it is absent. */
  readonly warm?: WarmThroughput;
}

/**
 * A table that can be restored to any second of the last 35 days; one of donors' data has a key of its
 * own.
 */
export function createTable(scope: Construct, id: string, spec: TableSpec, choices: TableChoices): Table {
  const { keeping, warm } = choices;
  const warmThroughput = warm && { readUnitsPerSecond: warm.reads, writeUnitsPerSecond: warm.writes };
  const table = new Table(scope, id, {
    ...keySchema(spec),
    billingMode: BillingMode.PAY_PER_REQUEST,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    warmThroughput,
    deletionProtection: keeping === 'data',
    removalPolicy: removalPolicy(keeping),
    timeToLiveAttribute: spec.expires_at_attribute,
    encryption: spec.holds_donor_data ? TableEncryption.CUSTOMER_MANAGED : TableEncryption.DEFAULT,
    encryptionKey: spec.holds_donor_data ? createKey(scope, `${id}Key`, id, keeping) : undefined,
  });
  for (const [indexName, index] of Object.entries(spec.indexes)) {
    table.addGlobalSecondaryIndex({
      indexName,
      warmThroughput,
      ...keySchema(index),
      projectionType: index.projection === 'ALL' ? ProjectionType.ALL : ProjectionType.KEYS_ONLY,
    });
  }
  return table;
}

function createKey(scope: Construct, id: string, table: string, keeping: Keeping): Key {
  return new Key(scope, id, {
    description: `Encrypts donors' data in ${table}`,
    enableKeyRotation: true,
    removalPolicy: removalPolicy(keeping),
  });
}

/**
 * A bucket whose objects can be added to and read, but neither changed nor removed while the lock lasts.
 */
export function createLockedBucket(
  scope: Construct,
  id: string,
  versioned: boolean,
  keeping: Keeping,
): Bucket {
  const isLocked = versioned && keeping === 'data';
  const kept = {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: removalPolicy(keeping),
  };
  const accessLogs = new Bucket(scope, `${id}AccessLogs`, {
    ...kept,
    lifecycleRules: [{ expiration: ACCESS_LOG_RETENTION }],
  });
  return new Bucket(scope, id, {
    ...kept,
    versioned,
    // S3 locks versions, so a bucket that keeps none cannot be locked.
    objectLockEnabled: isLocked,
    objectLockDefaultRetention: isLocked ? EXPORT_LOCK : undefined,
    serverAccessLogsBucket: accessLogs,
  });
}
