import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after as afterAll, test } from 'node:test';
import { after, before, environments } from '../lib/show-mode';
import { shippedTopology } from '../lib/topology';

const topology = shippedTopology();
const NEW_TABLE = { name: 'donations-1', bears: { writes: 4_000, reads: 12_000 } };
const FOLDER = mkdtempSync(join(tmpdir(), 'outpour-show-'));
afterAll(() => rmSync(FOLDER, { recursive: true }));

/** What an operator's machine has as `aws`: it answers what is read, and notes every call. */
const AWS = `#!${process.execPath}
const args = process.argv.slice(2);
require('node:fs').appendFileSync(__dirname + '/calls', JSON.stringify(args) + '\\n');
const answers = {
  'list-stack-resources': { StackResourceSummaries: [{
    LogicalResourceId: 'DonationsTable0A1B2C3D', PhysicalResourceId: 'donations-1',
    ResourceType: 'AWS::DynamoDB::Table' }] },
  'describe-table': { Table: { WarmThroughput: { ReadUnitsPerSecond: 12000, WriteUnitsPerSecond: 4000 } } },
};
if (answers[args[1]]) console.log(JSON.stringify(answers[args[1]]));
`;

/** Runs the command, and gives what it said and which calls it made. */
function run(...args: string[]) {
  const program = join(FOLDER, 'aws');
  writeFileSync(program, AWS);
  chmodSync(program, 0o755);
  writeFileSync(join(FOLDER, 'calls'), '');
  const ended = spawnSync(process.execPath, [join(__dirname, '..', 'bin', 'show-mode.js'), ...args], {
    encoding: 'utf8',
    env: { PATH: FOLDER },
  });
  const calls: string[][] = readFileSync(join(FOLDER, 'calls'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
  return { ...ended, calls: calls.map(([, call]) => call) };
}

test('before a show the table is warmed for it, with its index, and what callers wait for is kept ready', () => {
  const made = before({ stackName: 'outpour', topology, rate: 2_000 }, NEW_TABLE);
  const update = made.find(({ command }) => command[1] === 'update-table')?.command ?? [];
  const warm = { ReadUnitsPerSecond: 20_000, WriteUnitsPerSecond: 6_000 };
  assert.deepEqual(JSON.parse(update[update.indexOf('--warm-throughput') + 1] ?? ''), warm);
  assert.deepEqual(JSON.parse(update[update.indexOf('--global-secondary-index-updates') + 1] ?? ''), [
    { Update: { IndexName: 'owed', WarmThroughput: warm } },
  ]);
  const ready = made.filter(({ command }) => command[1] === 'put-provisioned-concurrency-config');
  assert.deepEqual(
    ready.map(({ command }) => [command[3], command[5], command[7]]),
    [
      ['outpour-accept-donation', 'live', `${environments(2_000, 1, 0.06)}`],
      ['outpour-show-donation', 'live', `${environments(2_000, 5, 0.02)}`],
    ],
  );
  assert.ok(ready.every(({ cost }) => /^about \d+\.\d\d dollars an hour$/.test(cost)));
});

test('what is kept ready lies within what a function may have, at any rate', () => {
  for (const rate of [1, 500, 2_000, 10_000]) {
    const made = before({ stackName: 'outpour', topology, rate }, NEW_TABLE);
    const last = (call: string) =>
      made.filter(({ command }) => command[1] === call).map(({ command }) => Number(command.at(-1)));
    const [bounds, ready] = [last('put-function-concurrency'), last('put-provisioned-concurrency-config')];
    assert.ok(bounds.length === 2 && ready.every((count, at) => count < (bounds[at] ?? 0)), `${rate}`);
  }
});

test('a table that bears more already is left alone', () => {
  const table = { name: 'donations-1', bears: { writes: 40_000, reads: 120_000 } };
  const made = before({ stackName: 'outpour', topology, rate: 2_000 }, table);
  assert.ok(made.every(({ command }) => command[1] !== 'update-table'));
});

test('after a show everything that can be is as the topology has it, and releases go on', () => {
  const made = after({ stackName: 'outpour', topology });
  const bounds = made
    .filter(({ command }) => command[1] === 'put-function-concurrency')
    .map(({ command }) => [command[3], command[5]]);
  assert.deepEqual(
    bounds,
    ['accept-donation', 'show-donation'].map((name) => [
      `outpour-${name}`,
      `${topology.functions[name]?.concurrency_max}`,
    ]),
  );
  const policies = made.filter(({ command }) => command[1] === 'set-stack-policy');
  assert.equal(policies.length, 2);
  assert.ok(policies.every(({ command }) => command.at(-1)?.includes('"Allow"')));
});

test('a dry run reads and changes nothing, and says what it would cost', () => {
  const { status, stdout, calls } = run('before', '--rate', '2000', '--env', 'stage', '--dry-run');
  assert.equal(status, 0);
  assert.deepEqual(calls, ['list-stack-resources', 'describe-table']);
  assert.match(stdout, /outpour-stage: no release while the show is on/);
  assert.match(stdout, /4000 write and 16000 read units/);
  assert.match(stdout, /nothing was changed\n$/);
});

test('before records first and freezes releases; after ends what costs and records last', () => {
  const made = run('before', '--rate', '2000').calls;
  assert.deepEqual(made.slice(2, 5), ['put-parameter', 'set-stack-policy', 'set-stack-policy']);
  const undone = run('after').calls;
  assert.equal(undone[0], 'delete-provisioned-concurrency-config');
  assert.equal(undone.at(-1), 'put-parameter');
});

for (const args of [[], ['before'], ['before', '--rate', '0'], ['during'], ['after', '--rate', '5']]) {
  test(`show mode refuses: ${args.join(' ')}`, () => {
    const { status, stderr, calls } = run(...args);
    assert.equal(status, 1);
    assert.match(stderr, /^usage: /);
    assert.deepEqual(calls, []);
  });
}
