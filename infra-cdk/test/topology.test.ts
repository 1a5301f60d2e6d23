import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseTopology, shippedTopology } from '../lib/topology';
import { PACKAGE, type Properties } from './support';

const SHIPPED = readFileSync(join(PACKAGE, '..', 'contracts', 'topology.json'), 'utf8');

/** The message with which the shipped topology is refused after a change. */
function refusal(change: (topology: Properties) => void): string {
  const topology = JSON.parse(SHIPPED);
  change(topology);
  try {
    parseTopology(JSON.stringify(topology));
  } catch (error) {
    return (error as Error).message;
  }
  return 'not refused';
}

/** The path of every object in a value. */
function objectPaths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  const below = Object.entries(value).flatMap(([key, each]) => objectPaths(each, [...path, key]));
  return Array.isArray(value) ? below : [path, ...below];
}

test('the shipped topology is read whole', () => {
  const raw = JSON.parse(SHIPPED);
  const read: Properties = shippedTopology();
  for (const path of objectPaths(raw)) {
    const [before, after] = [raw, read].map((from) => path.reduce((each, key) => each[key], from));
    assert.deepEqual(
      Object.keys(before).filter((key) => !(key in after)),
      [],
      path.join('.'),
    );
  }
});

test('an unknown field is refused wherever it stands', () => {
  const paths = objectPaths(JSON.parse(SHIPPED));
  assert.ok(paths.length > Object.keys(shippedTopology().functions).length * 2);
  for (const path of paths) {
    const message = refusal((topology) => {
      path.reduce((each, key) => each[key], topology).surprise = 1;
    });
    assert.match(message, /surprise/, path.join('.'));
  }
});

test('text that is not JSON is refused', () => {
  assert.throws(() => parseTopology('{'), SyntaxError);
});

const BROKEN: readonly [string, (topology: Properties) => void, RegExp][] = [
  [
    'a missing field',
    (t) => {
      delete t.queues.ledger.receive_count_max;
    },
    /queues\.ledger\.receive_count_max/,
  ],
  [
    'a receive count below five',
    (t) => {
      t.queues.ledger.receive_count_max = 4;
    },
    /queues\.ledger\.receive_count_max/,
  ],
  [
    'a retention above fourteen days',
    (t) => {
      t.queues.ledger.retention_seconds += 1;
    },
    /ledger\.retention_seconds/,
  ],
  [
    'a visibility timeout below six timeouts',
    (t) => {
      t.queues.payments.visibility_timeout_seconds = 179;
    },
    /queues\.payments\.visibility_timeout_seconds: must be at least 180/,
  ],
  [
    'a batch window that the visibility timeout leaves out',
    (t) => {
      t.functions['take-payment'].queue.batch_window_seconds = 1;
    },
    /queues\.payments\.visibility_timeout_seconds: must be at least 181/,
  ],
  [
    'a queue that nobody reads',
    (t) => {
      delete t.functions['send-receipt'];
    },
    /queues\.receipts: must have exactly one/,
  ],
  [
    'a consumer of no queue',
    (t) => {
      t.functions['send-receipt'].queue.name = 'letters';
    },
    /letters is not in queues/,
  ],
  [
    'two triggers',
    (t) => {
      t.functions['send-receipt'].operator = true;
    },
    /send-receipt: must have exactly one of http/,
  ],
  [
    'no trigger',
    (t) => {
      delete t.functions['export-ledger'].operator;
    },
    /export-ledger: must have exactly one of http/,
  ],
  [
    'a slow HTTP function',
    (t) => {
      t.functions['show-donation'].timeout_seconds = 30;
    },
    /must end within 29 seconds/,
  ],
  [
    'a consumer with reserved concurrency',
    (t) => {
      t.functions['take-payment'].concurrency_max = 5;
    },
    /take-payment\.concurrency_max/,
  ],
  [
    'a large batch without a window',
    (t) => {
      t.functions['take-payment'].queue.batch_size = 11;
    },
    /batch_window_seconds/,
  ],
  [
    'a schedule of broken minutes',
    (t) => {
      t.functions['resume-donations'].schedule.every_seconds = 90;
    },
    /whole minutes/,
  ],
  [
    'an unknown environment key',
    (t) => {
      t.functions['show-donation'].environment.push('MOOD');
    },
    /show-donation\.environment: MOOD/,
  ],
  [
    'an environment key named twice',
    (t) => {
      t.functions['show-donation'].environment.push('DONATIONS_TABLE');
    },
    /DONATIONS_TABLE is named twice/,
  ],
  [
    'an environment key of two things',
    (t) => {
      t.tables.ledger.environment_key = 'DONATIONS_TABLE';
    },
    /DONATIONS_TABLE is the environment key of two things/,
  ],
  [
    'a route of two functions',
    (t) => {
      t.functions['show-donation'].http = t.functions['accept-donation'].http;
    },
    /POST \/donations is routed twice/,
  ],
  [
    'a subscription to no topic',
    (t) => {
      t.queues.ledger.subscription.topic = 'rumours';
    },
    /rumours is not in topics/,
  ],
  [
    'an action on what is not there',
    (t) => {
      t.functions['show-donation'].actions['table:moods'] = ['dynamodb:GetItem'];
    },
    /show-donation\.actions\.table:moods: moods is not in tables/,
  ],
  [
    'an action on an unknown kind',
    (t) => {
      t.functions['show-donation'].actions['lake:deep'] = ['lake:Swim'];
    },
    /show-donation\.actions\.lake:deep: must be ses/,
  ],
  [
    'every action at once',
    (t) => {
      t.functions['show-donation'].actions['table:donations'] = ['dynamodb:*'];
    },
    /show-donation\.actions\[?.*must name one action|must name one action/,
  ],
  [
    'an action of another service',
    (t) => {
      t.functions['show-donation'].actions['table:donations'] = ['s3:GetObject'];
    },
    /s3:GetObject does not act on it/,
  ],
];

for (const [what, change, message] of BROKEN) {
  test(`${what} is refused`, () => {
    assert.match(refusal(change), message);
  });
}
