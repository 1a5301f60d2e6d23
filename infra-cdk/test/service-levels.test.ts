import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { anchor } from '../lib/runbook';
import { parseServiceLevels, shippedServiceLevels } from '../lib/service-levels';
import { shippedTopology } from '../lib/topology';
import { list, PACKAGE, type Properties, render, short, synthesise, type Template } from './support';

const ROOT = join(PACKAGE, '..');
const SHIPPED = readFileSync(join(ROOT, 'contracts', 'service-levels.json'), 'utf8');

const topology = shippedTopology();
const levels = shippedServiceLevels();
const { template, release, observability } = synthesise();
const everyAlarm = new Map([...observability.alarms(), ...release.alarms()]);

const RESOURCES = {
  queues: Object.keys(topology.queues),
  topics: Object.keys(topology.topics),
  tables: Object.keys(topology.tables),
  functions: Object.keys(topology.functions),
  apis: ['http'],
};

/** The name of every alarm that an objective asks for. */
function namesOf(name: string): string[] {
  const kind = levels.objectives[name]?.for_each;
  return kind === undefined ? [`outpour-${name}`] : RESOURCES[kind].map((each) => `outpour-${name}-${each}`);
}

/** The headings of the runbook that are about an alarm. */
function headings(): string[] {
  const text = readFileSync(join(ROOT, 'RUNBOOK.md'), 'utf8');
  return text.split('\n').flatMap((line) => (line.startsWith('### ') ? [line.slice(4)] : []));
}

test('the alarms are those of the service levels: what is promised, and what log lines say', () => {
  const promised = Object.keys(levels.objectives).flatMap(namesOf);
  const logged = Object.keys(levels.log_alarms).map((name) => `outpour-${name}`);
  assert.deepEqual([...everyAlarm.keys()].sort(), [...promised, ...logged].sort());
});

/** `namespace name statistic period` of everything that an alarm watches. */
function watched(alarm: Properties): string[] {
  const { Statistic, ExtendedStatistic, Period } = alarm;
  const alone = { MetricStat: { Metric: alarm, Stat: Statistic ?? ExtendedStatistic, Period } };
  const several: Properties[] = alarm.Metrics ?? [alone];
  return several.flatMap(({ MetricStat: read }) =>
    read === undefined
      ? []
      : [[read.Metric.Namespace, read.Metric.MetricName, read.Stat, read.Period].join(' ')],
  );
}

test('an alarm watches what its objective says, as long and as closely', () => {
  for (const [name, objective] of Object.entries(levels.objectives)) {
    for (const alarmName of namesOf(name)) {
      const alarm = everyAlarm.get(alarmName);
      assert.ok(alarm, alarmName);
      assert.equal(alarm.Threshold, objective.threshold, alarmName);
      assert.equal(alarm.EvaluationPeriods, objective.periods, alarmName);
      const side = objective.breaches_when === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold';
      assert.equal(alarm.ComparisonOperator, side, alarmName);
      const missing = objective.missing_data === 'good' ? 'notBreaching' : 'breaching';
      assert.equal(alarm.TreatMissingData, missing, alarmName);
      const expected = Object.values(objective.metrics).map((each) =>
        [each.namespace, each.name, each.statistic, objective.period_seconds].join(' '),
      );
      assert.deepEqual(watched(alarm).sort(), expected.sort(), alarmName);
      const expression = alarm.Metrics?.find((each: Properties) => each.Expression !== undefined);
      assert.equal(expression?.Expression, objective.expression, alarmName);
    }
  }
});

test('no dimension of an alarm holds a placeholder still', () => {
  for (const [name, alarm] of everyAlarm) {
    assert.doesNotMatch(JSON.stringify(alarm.Dimensions ?? alarm.Metrics ?? []), /[{][a-z]+[}]/, name);
  }
});

test('an old message is one that its second handling did not help either', () => {
  const { threshold } = levels.objectives['oldest-message'] ?? {};
  for (const [name, queue] of Object.entries(topology.queues)) {
    assert.ok((threshold ?? 0) > queue.visibility_timeout_seconds, name);
  }
});

test('every function on a schedule has an alarm for two failed runs in a row', () => {
  for (const [name, { schedule }] of Object.entries(topology.functions)) {
    if (schedule !== undefined) {
      const alarm = [...everyAlarm.values()].find(
        ({ MetricName, EvaluationPeriods, Dimensions }) =>
          MetricName === 'Errors' && EvaluationPeriods === 2 && Dimensions[0].Value === `outpour-${name}`,
      );
      assert.equal(alarm?.Period, schedule.every_seconds, name);
    }
  }
});

test('a metric is emitted by functions that there are, and those promised are all of the file', () => {
  for (const [name, { emitted_by }] of Object.entries(levels.metrics)) {
    for (const each of emitted_by) {
      assert.ok(Object.hasOwn(topology.functions, each), `${name}: ${each}`);
    }
  }
});

test('every metric that is emitted is drawn or promised', () => {
  const drawn = [...observability.ofType('AWS::CloudWatch::Dashboard').values()]
    .map(({ DashboardBody }) => render(DashboardBody))
    .join();
  for (const name of Object.keys(levels.metrics)) {
    assert.ok(drawn.includes(name), name);
  }
  for (const { objective } of Object.values(levels.objectives)) {
    assert.ok(drawn.includes(objective), objective);
  }
});

test('every alarm leads to a heading of the runbook, and every heading is some alarm’s', () => {
  const known = new Map(headings().map((heading) => [anchor(heading), heading]));
  assert.equal(known.size, headings().length, 'two headings have one anchor');
  const led = new Set<string>();
  for (const [name, { AlarmDescription }] of everyAlarm) {
    const [, to] = /What to do: RUNBOOK\.md#(\S+)$/.exec(AlarmDescription) ?? [];
    assert.ok(to !== undefined && known.has(to), `${name} leads to no heading: ${AlarmDescription}`);
    led.add(to);
  }
  assert.deepEqual([...known.keys()].filter((each) => !led.has(each)), []);
});

test('under each heading stands what it means, who is hurt, first look, mend, and proof afterwards', () => {
  const text = readFileSync(join(ROOT, 'RUNBOOK.md'), 'utf8');
  for (const section of text.split(/^#{2,3} /m)) {
    const [heading = ''] = section.split('\n');
    if (!headings().includes(heading)) {
      continue;
    }
    for (const part of ['Means', 'Who is hurt', 'First look', 'Mend', 'Proof']) {
      assert.ok(section.includes(`**${part}.**`), `${heading} lacks ${part}`);
    }
  }
});

test('the log alarms are those that the functions’ code writes', () => {
  const written = new Set<string>();
  for (const folder of ['functions', 'domain']) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((each) => each.endsWith('.rs'))) {
      const source = readFileSync(join(ROOT, folder, file), 'utf8');
      for (const [, name = ''] of source.matchAll(/\balarm = "([^"]*)"/g)) {
        written.add(name);
      }
    }
  }
  assert.deepEqual([...written].sort(), Object.keys(levels.log_alarms).sort());
});

test('every log group is watched for alarm lines, counted by what they say', () => {
  const filters = [...template.ofType('AWS::Logs::MetricFilter').values()];
  assert.deepEqual(
    filters.map(({ LogGroupName }) => render(LogGroupName)).sort(),
    [...template.functions().values()].map(({ LoggingConfig }) => render(LoggingConfig.LogGroup)).sort(),
  );
  for (const { FilterPattern, MetricTransformations } of filters) {
    assert.equal(FilterPattern, '{ $.alarm = "*" }');
    assert.deepEqual(MetricTransformations, [
      {
        MetricNamespace: 'outpour',
        MetricName: 'AlarmLines',
        MetricValue: '1',
        Dimensions: [{ Key: 'alarm', Value: '$.alarm' }],
      },
    ]);
  }
  for (const name of Object.keys(levels.log_alarms)) {
    const alarm = everyAlarm.get(`outpour-${name}`);
    assert.deepEqual(alarm?.Dimensions, [{ Name: 'alarm', Value: name }]);
    assert.deepEqual([alarm.Namespace, alarm.MetricName, alarm.Threshold], ['outpour', 'AlarmLines', 0]);
  }
});

/** The topics that an alarm and its end are announced on. */
function announced(alarm: Properties | undefined): string[] {
  assert.deepEqual(alarm?.AlarmActions, alarm?.OKActions);
  return list(alarm?.AlarmActions ?? []).map((each) => short(render(each)));
}

test('an urgent alarm wakes somebody, another waits, and that of a release stops the release', () => {
  const topics = { urgent: 'TopicsUrgent', 'working-hours': 'TopicsWorkingHours' };
  const expect = (from: Template, name: string, to: string[]) =>
    assert.deepEqual(announced(from.alarms().get(name)), to, name);
  for (const [name, objective] of Object.entries(levels.objectives)) {
    for (const each of namesOf(name)) {
      const stops = objective.stops_a_release;
      expect(stops ? release : observability, each, stops ? [] : [topics[objective.severity]]);
    }
  }
  for (const [name, { severity }] of Object.entries(levels.log_alarms)) {
    expect(observability, `outpour-${name}`, [topics[severity]]);
  }
});

const BROKEN: readonly [string, (levels: Properties) => void, RegExp][] = [
  ['an unknown field', (all) => (all.objectives['receipt-lag'].treshold = 1), /treshold/],
  [
    'a metric that nobody emits',
    (all) => (all.objectives['receipt-lag'].metrics.lag.name = 'ReceiptLag'),
    /receipt-lag\.metrics\.lag: ReceiptLag is not among the metrics that are emitted/,
  ],
  [
    'a metric in another unit',
    (all) => (all.objectives['receipt-lag'].metrics.lag.unit = 'Seconds'),
    /ReceiptLagMillis is emitted in Milliseconds/,
  ],
  [
    'a metric with other dimensions',
    (all) => (all.objectives['receipt-lag'].metrics.lag.dimensions = { queue: 'receipts' }),
    /ReceiptLagMillis is emitted with other dimensions/,
  ],
  [
    'an expression over a metric that is not there',
    (all) => (all.objectives['decline-ratio'].expression = 'captured + declined + refused'),
    /decline-ratio\.expression: refused is not among the metrics/,
  ],
  [
    'a metric that the expression forgets',
    (all) => (all.objectives['decline-ratio'].expression = 'declined'),
    /decline-ratio\.expression: does not use captured/,
  ],
  [
    'an alarm for each queue that names no queue',
    (all) => (all.objectives['oldest-message'].metrics.age.dimensions = { QueueName: 'outpour-payments' }),
    /oldest-message\.metrics\.age: must hold \{queue\}/,
  ],
  [
    'an alarm that looks back further than CloudWatch does',
    (all) => (all.objectives['export-on-time'].periods = 8),
    /export-on-time\.periods: CloudWatch looks back over 604800 seconds at most/,
  ],
];

for (const [what, change, message] of BROKEN) {
  test(`${what} is refused`, () => {
    const changed = JSON.parse(SHIPPED);
    change(changed);
    assert.throws(() => parseServiceLevels(JSON.stringify(changed)), { message });
  });
}
