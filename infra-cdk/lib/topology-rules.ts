import type { FunctionSpec, Topology } from './topology';

/**
 * AWS advises six times the consumer's timeout, so that retries of a throttled batch keep the message
 * hidden.
 */
const VISIBILITY_PER_TIMEOUT = 6;
/** An HTTP API gives up on an integration after 30 seconds; the function must have answered before. */
const HTTP_TIMEOUT_SECONDS_MAX = 29;

/**
 * The kinds of resource that `actions` may name: where the topology lists each, and which actions act on
 * it. One that acts on something else (`s3:ListBucket` on a bucket's objects) would be granted and yet
 * allow nothing.
 */
const KINDS = {
  table: { listedUnder: 'tables', actions: /^dynamodb:/ },
  bucket: { listedUnder: 'buckets', actions: /^s3:[A-Za-z]+Object$/ },
  secret: { listedUnder: 'secrets', actions: /^secretsmanager:/ },
  topic: { listedUnder: 'topics', actions: /^sns:/ },
  queue: { listedUnder: 'queues', actions: /^sqs:/ },
  'dead-letters': { listedUnder: 'queues', actions: /^sqs:/ },
  ses: { listedUnder: undefined, actions: /^ses:Send/ },
} as const;

/** A resource that `actions` names, taken apart. */
export interface ActionTarget {
  readonly kind: keyof typeof KINDS;
  /** Logical name; empty for `ses`, of which there is one. */
  readonly name: string;
}

/** Takes `table:donations` apart; `undefined` where the kind is not known or the shape is wrong. */
export function actionTarget(resource: string): ActionTarget | undefined {
  const [first, name = '', ...rest] = resource.split(':');
  const kind = (Object.keys(KINDS) as (keyof typeof KINDS)[]).find((each) => each === first);
  const named = name !== '';
  return kind === undefined || named === (kind === 'ses') || rest.length > 0 ? undefined : { kind, name };
}

/** The rules that hold between fields; each sentence returned names the field and the rule it breaks. */
export function brokenRules(topology: Topology): string[] {
  const broken = [...repeatedKeys(topology), ...queueRules(topology), ...repeatedRoutes(topology)];
  const known = new Set(carriedKeys(topology));
  for (const [name, spec] of Object.entries(topology.functions)) {
    const at = `functions.${name}`;
    broken.push(...triggerRules(at, spec));
    broken.push(
      ...spec.environment
        .filter((key) => !known.has(key))
        .map((key) => `${at}.environment: ${key} is carried by nothing in the topology`),
    );
    broken.push(...repeated(spec.environment).map((key) => `${at}.environment: ${key} is named twice`));
    broken.push(
      ...Object.entries(spec.actions).flatMap(([resource, actions]) =>
        actionRules(topology, resource, actions).map((rule) => `${at}.actions.${resource}: ${rule}`),
      ),
    );
  }
  return broken;
}

/** Every environment key that something in the topology carries. */
function carriedKeys(topology: Topology): string[] {
  const { tables, buckets, secrets, topics, queues, settings } = topology;
  return [
    ...[tables, buckets, secrets, topics].flatMap((group) =>
      Object.values(group).map((each) => each.environment_key),
    ),
    ...Object.values(queues).flatMap((each) => [each.environment_key, each.dead_letter_environment_key]),
    ...Object.keys(settings),
  ];
}

function repeatedKeys(topology: Topology): string[] {
  return repeated(carriedKeys(topology)).map((key) => `${key} is the environment key of two things`);
}

function repeatedRoutes(topology: Topology): string[] {
  const routes = Object.values(topology.functions).flatMap((each) => each.http);
  return repeated(routes.map(({ method, path }) => `${method} ${path}`)).map(
    (route) => `${route} is routed twice`,
  );
}

function repeated(values: string[]): string[] {
  return values.filter((value, at) => values.indexOf(value) !== at);
}

function actionRules(topology: Topology, resource: string, actions: string[]): string[] {
  const target = actionTarget(resource);
  if (target === undefined) {
    return [
      `must be ses, or one of ${Object.keys(KINDS)
        .filter((kind) => kind !== 'ses')
        .join(', ')} with :name`,
    ];
  }
  const { listedUnder, actions: known } = KINDS[target.kind];
  if (listedUnder !== undefined && !Object.hasOwn(topology[listedUnder], target.name)) {
    return [`${target.name} is not in ${listedUnder}`];
  }
  return actions.filter((action) => !known.test(action)).map((action) => `${action} does not act on it`);
}

function triggerRules(at: string, spec: FunctionSpec): string[] {
  const broken: string[] = [];
  const triggers = [
    spec.http.length > 0,
    spec.queue !== undefined,
    spec.schedule !== undefined,
    spec.operator,
  ];
  if (triggers.filter(Boolean).length !== 1) {
    broken.push(`${at}: must have exactly one of http, queue, schedule and operator`);
  }
  if (spec.http.length > 0 && spec.timeout_seconds > HTTP_TIMEOUT_SECONDS_MAX) {
    broken.push(
      `${at}.timeout_seconds: an HTTP function must end within ${HTTP_TIMEOUT_SECONDS_MAX} seconds`,
    );
  }
  if (spec.queue !== undefined && spec.concurrency_max !== undefined) {
    // Reserved concurrency throttles receives, each of which counts towards the dead-letter queue.
    broken.push(`${at}.concurrency_max: a queue's consumer is bounded by queue.concurrency_max alone`);
  }
  if (spec.queue !== undefined && spec.queue.batch_size > 10 && spec.queue.batch_window_seconds === 0) {
    broken.push(`${at}.queue.batch_window_seconds: a batch above 10 needs a window of at least one second`);
  }
  if (spec.schedule !== undefined && spec.schedule.every_seconds % 60 !== 0) {
    broken.push(`${at}.schedule.every_seconds: must be whole minutes`);
  }
  return broken;
}

function queueRules(topology: Topology): string[] {
  const functions = Object.entries(topology.functions);
  const broken = functions
    .filter(([, spec]) => spec.queue !== undefined && !Object.hasOwn(topology.queues, spec.queue.name))
    .map(([name, spec]) => `functions.${name}.queue.name: ${spec.queue?.name} is not in queues`);
  for (const [name, spec] of Object.entries(topology.queues)) {
    const at = `queues.${name}`;
    const consumers = functions.filter(([, each]) => each.queue?.name === name);
    if (consumers.length !== 1) {
      broken.push(`${at}: must have exactly one consumer, has ${consumers.length}`);
    }
    for (const [consumer, { timeout_seconds, queue }] of consumers) {
      const least = VISIBILITY_PER_TIMEOUT * timeout_seconds + (queue?.batch_window_seconds ?? 0);
      if (spec.visibility_timeout_seconds < least) {
        broken.push(
          `${at}.visibility_timeout_seconds: must be at least ${least}, six times ${consumer}'s timeout`,
        );
      }
    }
    if (spec.subscription !== undefined && !Object.hasOwn(topology.topics, spec.subscription.topic)) {
      broken.push(`${at}.subscription.topic: ${spec.subscription.topic} is not in topics`);
    }
  }
  return broken;
}
