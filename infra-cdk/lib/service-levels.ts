import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { brokenPromises } from './service-level-rules';

const text = z.string().min(1);
const name = z.string().regex(/^[a-z]+(-[a-z]+)*$/, 'must be lower-case words joined by hyphens');
const severity = z.enum(['urgent', 'working-hours']);
const unit = z.enum(['Count', 'Milliseconds', 'Seconds', 'None']);

const emitted = z.strictObject({
  unit,
  /** Each value of a dimension is a metric that is paid for. */
  dimensions: z.array(text),
  /** Fields of the same log line that may have many values: a query finds them, a metric does not. */
  properties: z.array(text),
  emitted_by: z.array(name).min(1),
  meaning: text,
});

const metric = z.strictObject({
  namespace: text,
  name: text,
  unit,
  statistic: z.string().regex(/^(Sum|Maximum|Minimum|Average|p\d\d)$/, 'must be a statistic of CloudWatch'),
  dimensions: z.record(text, text).default({}),
});

const objective = z.strictObject({
  objective: text,
  dashboard: z.enum(['business', 'system']),
  severity,
  for_each: z.enum(['queues', 'topics', 'tables', 'functions', 'apis']).optional(),
  stops_a_release: z.boolean().default(false),
  metrics: z.record(z.string().regex(/^[a-z]+$/, 'must be one lower-case word'), metric),
  expression: text.optional(),
  period_seconds: z.int().min(60).max(86_400),
  /** The threshold itself is good. */
  breaches_when: z.enum(['above', 'below']),
  threshold: z.number(),
  periods: z.int().min(1),
  missing_data: z.enum(['good', 'bad']),
  runbook: text,
});

const logAlarm = z.strictObject({ severity, runbook: text });

const serviceLevels = z.strictObject({
  $schema: text,
  namespace: text,
  metrics: z.record(text, emitted),
  objectives: z.record(name, objective),
  log_alarms: z.record(name, logAlarm),
});

/** Which metrics the functions emit, what is promised of them, and which alarm tells when it is not kept. */
export type ServiceLevels = z.infer<typeof serviceLevels>;
/** A promise, which is one alarm, or one for each resource of a kind. */
export type Objective = z.infer<typeof objective>;
/** A metric as an objective reads it. */
export type MetricRead = z.infer<typeof metric>;
/** Whether somebody is woken, or it waits for the morning. */
export type Severity = z.infer<typeof severity>;
/** Every severity. */
export const SEVERITIES: readonly Severity[] = severity.options;

/** The file as shipped, seen from the compiled `dist/lib`. */
const SHIPPED = join(__dirname, '..', '..', '..', 'contracts', 'service-levels.json');

/**
 * Reads the service levels.
 *
 * @throws Error that names each field and the rule it breaks, or the place where the text stops being
 * JSON
 */
export function parseServiceLevels(json: string): ServiceLevels {
  const read = serviceLevels.safeParse(JSON.parse(json));
  if (!read.success) {
    throw new Error(`service-levels.json is refused:\n${z.prettifyError(read.error)}`);
  }
  const broken = brokenPromises(read.data);
  if (broken.length > 0) {
    throw new Error(`service-levels.json is refused:\n${broken.join('\n')}`);
  }
  return read.data;
}

/**
 * Reads the service levels that ship with the project.
 *
 * @throws Error as `parseServiceLevels`, or that the file cannot be read
 */
export function shippedServiceLevels(): ServiceLevels {
  return parseServiceLevels(readFileSync(SHIPPED, 'utf8'));
}
