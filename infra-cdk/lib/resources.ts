import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import type { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment';
import { constructId } from './names';
import { ParkedQueue } from './parked-queue';
import { createSecret } from './secret';
import { createLockedBucket, createTable } from './storage';
import type { Topology } from './topology';

/** What the functions stand on, by logical name. */
export interface Resources {
  readonly tables: ReadonlyMap<string, Table>;
  readonly buckets: ReadonlyMap<string, Bucket>;
  readonly secrets: ReadonlyMap<string, CfnSecret>;
  readonly topics: ReadonlyMap<string, Topic>;
  readonly queues: ReadonlyMap<string, ParkedQueue>;
}

/** Builds all that the topology names but the functions. */
export function createResources(
  scope: Construct,
  topology: Topology,
  { keeping, warmThroughput }: Deployment,
): Resources {
  const topics = mapValues(
    topology.topics,
    (name) => new Topic(scope, `${constructId(name)}Topic`, { enforceSSL: true }),
  );
  return {
    topics,
    tables: mapValues(topology.tables, (name, spec) =>
      createTable(scope, `${constructId(name)}Table`, spec, { keeping, warm: warmThroughput.get(name) }),
    ),
    buckets: mapValues(topology.buckets, (name, { versioned }) =>
      createLockedBucket(scope, `${constructId(name)}Bucket`, versioned, keeping),
    ),
    secrets: mapValues(topology.secrets, (name, { holds }) =>
      createSecret(scope, `${constructId(name)}Secret`, { name, holds, keeping }),
    ),
    queues: mapValues(
      topology.queues,
      (name, spec) =>
        new ParkedQueue(scope, `${constructId(name)}Queue`, {
          name,
          spec,
          topic: spec.subscription && required(topics, spec.subscription.topic),
        }),
    ),
  };
}

/** The value of every environment key that the topology carries. */
export function environmentValues(
  topology: Topology,
  resources: Resources,
  settings: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const { tables, buckets, secrets, topics, queues } = resources;
  const values = new Map<string, string>();
  for (const [name, spec] of Object.entries(topology.tables)) {
    values.set(spec.environment_key, required(tables, name).tableName);
  }
  for (const [name, spec] of Object.entries(topology.buckets)) {
    values.set(spec.environment_key, required(buckets, name).bucketName);
  }
  for (const [name, spec] of Object.entries(topology.secrets)) {
    values.set(spec.environment_key, required(secrets, name).attrId);
  }
  for (const [name, spec] of Object.entries(topology.topics)) {
    values.set(spec.environment_key, required(topics, name).topicArn);
  }
  for (const [name, spec] of Object.entries(topology.queues)) {
    values.set(spec.environment_key, required(queues, name).queue.queueUrl);
    values.set(spec.dead_letter_environment_key, required(queues, name).deadLetters.queueUrl);
  }
  for (const [key, spec] of Object.entries(topology.settings)) {
    values.set(key, settings[key] ?? spec.default);
  }
  return values;
}

/**
 * What stands under a name.
 *
 * @throws Error where nothing does, which the topology's own rules exclude
 */
export function required<T>(things: ReadonlyMap<string, T>, name: string): T {
  const thing = things.get(name);
  if (thing === undefined) {
    throw new Error(`${name} is not in the topology`);
  }
  return thing;
}

function mapValues<S, T>(
  group: Record<string, S>,
  make: (name: string, spec: S) => T,
): ReadonlyMap<string, T> {
  return new Map(Object.entries(group).map(([name, spec]) => [name, make(name, spec)]));
}
