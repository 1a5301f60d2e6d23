import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructId } from '../lib/names';
import { shippedTopology } from '../lib/topology';
import { type Properties, render, synthesise } from './support';

const topology = shippedTopology();
const { template } = synthesise();

type KeySpec = { name: string; type: string };

/** A key schema in the topology's words. */
function keys(schema: Properties[], definitions: Properties[]): KeySpec[] {
  return schema.map(({ AttributeName: name }) => ({
    name,
    type: definitions.find((each) => each.AttributeName === name)?.AttributeType,
  }));
}

/** The topology's keys in the order of a key schema: partition key, then sort key. */
function expectedKeys(spec: { partition_key: KeySpec; sort_key?: KeySpec }): KeySpec[] {
  return spec.sort_key === undefined ? [spec.partition_key] : [spec.partition_key, spec.sort_key];
}

test('the tables are those of the topology, with its keys and indexes', () => {
  assert.equal(template.ofType('AWS::DynamoDB::Table').size, Object.keys(topology.tables).length);
  for (const [name, spec] of Object.entries(topology.tables)) {
    const table = template.named('AWS::DynamoDB::Table', `${constructId(name)}Table`);
    assert.deepEqual(keys(table.KeySchema, table.AttributeDefinitions), expectedKeys(spec), name);
    assert.deepEqual(
      (table.GlobalSecondaryIndexes ?? []).map((index: Properties) => ({
        name: index.IndexName,
        keys: keys(index.KeySchema, table.AttributeDefinitions),
        projection: index.Projection.ProjectionType,
      })),
      Object.entries(spec.indexes).map(([index, each]) => ({
        name: index,
        keys: expectedKeys(each),
        projection: each.projection,
      })),
      name,
    );
    assert.equal(table.TimeToLiveSpecification?.AttributeName, spec.expires_at_attribute, name);
  }
});

test('every table is paid for by use, can be restored to any second, and is not deleted by mistake', () => {
  for (const [id, table] of template.ofType('AWS::DynamoDB::Table')) {
    assert.equal(table.BillingMode, 'PAY_PER_REQUEST', id);
    assert.equal(table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled, true, id);
    assert.equal(table.DeletionProtectionEnabled, true, id);
  }
});

test("a table of donors' data is encrypted with a key of its own", () => {
  for (const [name, spec] of Object.entries(topology.tables)) {
    const id = `${constructId(name)}Table`;
    const encryption = template.named('AWS::DynamoDB::Table', id).SSESpecification;
    assert.equal(
      encryption?.KMSMasterKeyId && render(encryption.KMSMasterKeyId),
      spec.holds_donor_data ? `${id}Key` : undefined,
      name,
    );
  }
});

test('what holds data outlives the stack', () => {
  const kinds = [
    'AWS::DynamoDB::Table',
    'AWS::KMS::Key',
    'AWS::S3::Bucket',
    'AWS::SecretsManager::Secret',
    'AWS::Logs::LogGroup',
  ];
  const kept = Object.entries<Properties>(template.json.Resources).filter(([, each]) =>
    kinds.includes(each.Type),
  );
  assert.ok(kept.length > kinds.length);
  for (const [id, resource] of kept) {
    assert.equal(resource.DeletionPolicy, 'RetainExceptOnCreate', id);
    assert.equal(resource.UpdateReplacePolicy, 'Retain', id);
  }
});

test('an export can be neither changed nor removed for seven years', () => {
  for (const [name, spec] of Object.entries(topology.buckets)) {
    const bucket = template.named('AWS::S3::Bucket', `${constructId(name)}Bucket`);
    assert.equal(bucket.VersioningConfiguration?.Status === 'Enabled', spec.versioned, name);
    assert.deepEqual(
      bucket.ObjectLockConfiguration.Rule.DefaultRetention,
      { Mode: 'GOVERNANCE', Days: 2562 },
      name,
    );
    assert.ok(bucket.LoggingConfiguration.DestinationBucketName, name);
  }
});

test('every bucket is encrypted and closed to the public', () => {
  for (const [id, bucket] of template.ofType('AWS::S3::Bucket')) {
    assert.ok(bucket.BucketEncryption.ServerSideEncryptionConfiguration.length > 0, id);
    assert.deepEqual(Object.values(bucket.PublicAccessBlockConfiguration), [true, true, true, true], id);
  }
});

test('the secrets are those of the topology, and the template holds no value of one', () => {
  const secrets = template.ofType('AWS::SecretsManager::Secret');
  assert.equal(secrets.size, Object.keys(topology.secrets).length);
  for (const [id, secret] of secrets) {
    assert.deepEqual(Object.keys(secret), ['Description'], id);
  }
  assert.doesNotMatch(JSON.stringify(template.json), /SecretString|resolve:|NoEcho/);
});
