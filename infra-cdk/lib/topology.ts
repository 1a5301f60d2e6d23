import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { brokenRules } from './topology-rules';

const text = z.string().min(1);
/** A logical name; physical names are made from it, so it keeps to what every AWS service accepts. */
const name = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'must be lower-case words joined by hyphens');
const environmentKey = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]*$/, 'must be upper-case words joined by underscores');
const seconds = (min: number, max: number) => z.int().min(min).max(max);

const key = z.strictObject({ name: text, type: z.enum(['S', 'N']) });

const index = z.strictObject({
  partition_key: key,
  sort_key: key.optional(),
  projection: z.enum(['KEYS_ONLY', 'ALL']),
});

const table = z.strictObject({
  environment_key: environmentKey,
  partition_key: key,
  sort_key: key.optional(),
  indexes: z.record(text, index).default({}),
  /** Attribute of epoch seconds after which DynamoDB may delete the item. */
  expires_at_attribute: text.optional(),
  /** Such a table has an encryption key of its own. */
  holds_donor_data: z.boolean(),
});

const bucket = z.strictObject({ environment_key: environmentKey, versioned: z.boolean() });

const secret = z.strictObject({
  environment_key: environmentKey,
  /**
   * What the secret's text must be, in words; the text itself is given to Secrets Manager by an operator.
   */
  holds: text,
});

const topic = z.strictObject({ environment_key: environmentKey });

const subscription = z.strictObject({
  topic: name,
  /** Message attribute to the values let through. */
  filter: z.record(text, z.array(text).min(1)),
  raw_delivery: z.boolean(),
});

const queue = z.strictObject({
  environment_key: environmentKey,
  dead_letter_environment_key: environmentKey,
  visibility_timeout_seconds: seconds(0, 43_200),
  /**
   * Fewer than five receives would park healthy messages after a short outage of what the consumer calls.
   */
  receive_count_max: z.int().min(5).max(1000),
  retention_seconds: seconds(60, 1_209_600),
  subscription: subscription.optional(),
});

const setting = z.strictObject({ default: text, meaning: text });

const route = z.strictObject({
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
  path: z.string().regex(/^(\/([a-z0-9-]+|\{[a-z_]+\}))+$/, 'must be /words and /{parameters}'),
  /** Who may call: whoever IAM lets in, by a signed request; everybody where it is absent. */
  authorisation: z.literal('iam').optional(),
});

/** Bounds of an SQS event source mapping: Lambda API reference, CreateEventSourceMapping. */
const queueTrigger = z.strictObject({
  name,
  batch_size: z.int().min(1).max(10_000),
  batch_window_seconds: seconds(0, 300),
  concurrency_max: z.int().min(2).max(1000),
  /** Read by the function alone: how many messages of a batch it handles at once. */
  messages_at_once: z.int().min(1),
});

const lambda = z.strictObject({
  timeout_seconds: seconds(1, 900),
  memory_mb: z.int().min(128).max(10_240),
  /** Most environments at once, where the trigger does not say it. */
  concurrency_max: z.int().min(1).optional(),
  http: z.array(route).default([]),
  queue: queueTrigger.optional(),
  schedule: z.strictObject({ every_seconds: seconds(60, 86_400) }).optional(),
  /** An operator invokes it directly. */
  operator: z.boolean().default(false),
  environment: z.array(environmentKey),
  /** IAM actions by resource: `table:donations`, `dead-letters:payments`, `ses`. */
  actions: z.record(
    text,
    z.array(z.string().regex(/^[a-z0-9]+:[A-Z][A-Za-z]+$/, 'must name one action')).min(1),
  ),
});

const topology = z.strictObject({
  $schema: text,
  tables: z.record(name, table),
  buckets: z.record(name, bucket),
  secrets: z.record(name, secret),
  topics: z.record(name, topic),
  queues: z.record(name, queue),
  settings: z.record(environmentKey, setting),
  functions: z.record(name, lambda),
});

/** Which functions exist, what triggers each, and the queues, tables and settings around them. */
export type Topology = z.infer<typeof topology>;
/** A DynamoDB table. */
export type TableSpec = z.infer<typeof table>;
/** An SQS queue and its dead-letter queue. */
export type QueueSpec = z.infer<typeof queue>;
/** A Lambda function and its one trigger. */
export type FunctionSpec = z.infer<typeof lambda>;
/** An HTTP route of the API. */
export type RouteSpec = z.infer<typeof route>;

/** The file as shipped, seen from the compiled `dist/lib`. */
const SHIPPED = join(__dirname, '..', '..', '..', 'contracts', 'topology.json');

/**
 * Reads a topology. A field that is not known here is refused, so that nothing in the file is silently
 * ignored.
 *
 * @throws Error that names each field and the rule it breaks, or the place where the text stops being
 * JSON
 */
export function parseTopology(json: string): Topology {
  const read = topology.safeParse(JSON.parse(json));
  if (!read.success) {
    throw new Error(`topology.json is refused:\n${z.prettifyError(read.error)}`);
  }
  const broken = brokenRules(read.data);
  if (broken.length > 0) {
    throw new Error(`topology.json is refused:\n${broken.join('\n')}`);
  }
  return read.data;
}

/**
 * Reads the topology that ships with the project.
 *
 * @throws Error as `parseTopology`, or that the file cannot be read
 */
export function shippedTopology(): Topology {
  return parseTopology(readFileSync(SHIPPED, 'utf8'));
}
