import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructId } from '../lib/names';
import { shippedTopology } from '../lib/topology';
import { list, logicalId, render, short, statements, synthesise } from './support';

const FOURTEEN_DAYS = 14 * 24 * 60 * 60;

const topology = shippedTopology();
const { template, observability } = synthesise();
const specs = Object.entries(topology.queues);
const deadLetters = (name: string) =>
  template.named('AWS::SQS::Queue', `${constructId(name)}QueueDeadLetters`);
const main = (name: string) => template.named('AWS::SQS::Queue', `${constructId(name)}Queue`);

test('the queues are those of the topology, each with a dead-letter queue', () => {
  const names = [...template.ofType('AWS::SQS::Queue').values()].map((each) => each.QueueName);
  const expected = specs.flatMap(([name]) => [`outpour-${name}`, `outpour-${name}-dead-letters`]);
  assert.deepEqual(names.sort(), expected.sort());
});

test('a queue hides, keeps and parks messages as the topology says', () => {
  for (const [name, spec] of specs) {
    const queue = main(name);
    assert.equal(queue.VisibilityTimeout, spec.visibility_timeout_seconds, name);
    assert.equal(queue.MessageRetentionPeriod, spec.retention_seconds, name);
    assert.equal(queue.RedrivePolicy.maxReceiveCount, spec.receive_count_max, name);
    assert.equal(
      render(queue.RedrivePolicy.deadLetterTargetArn),
      `${constructId(name)}QueueDeadLetters`,
      name,
    );
  }
});

test('a message is received at least five times before it is parked', () => {
  for (const [name] of specs) {
    assert.ok(main(name).RedrivePolicy.maxReceiveCount >= 5, name);
  }
});

test('a message stays hidden for six times as long as its consumer may take', () => {
  const mappings = [...template.ofType('AWS::Lambda::EventSourceMapping').values()];
  assert.equal(mappings.length, specs.length);
  for (const mapping of mappings) {
    const queue = template.json.Resources[logicalId(mapping.EventSourceArn)]?.Properties;
    const consumer = template.functions().get(template.functionReferredTo(mapping.FunctionName));
    assert.ok(queue && consumer);
    const least = 6 * consumer.Timeout + mapping.MaximumBatchingWindowInSeconds;
    assert.ok(
      queue.VisibilityTimeout >= least,
      `${queue.QueueName} hides ${queue.VisibilityTimeout}, needs ${least}`,
    );
  }
});

test('refunds wait in a queue with dead letters, hidden for six times as long as one may take', () => {
  const queue = main('refunds');
  const refunding = template.functions().get('refund-payment');
  assert.ok(queue.VisibilityTimeout >= 6 * refunding?.Timeout);
  assert.equal(render(queue.RedrivePolicy.deadLetterTargetArn), 'RefundsQueueDeadLetters');
  assert.equal(deadLetters('refunds').QueueName, 'outpour-refunds-dead-letters');
});

test('a parked message is kept for fourteen days and goes back to its own queue alone', () => {
  for (const [name] of specs) {
    const queue = deadLetters(name);
    assert.equal(queue.MessageRetentionPeriod, FOURTEEN_DAYS, name);
    assert.equal(queue.RedriveAllowPolicy.redrivePermission, 'byQueue', name);
    assert.deepEqual(list(queue.RedriveAllowPolicy.sourceQueueArns).map(render), [
      `arn:<Partition>:sqs:<Region>:<AccountId>:outpour-${name}`,
    ]);
    assert.equal(queue.RedrivePolicy, undefined, 'a dead-letter queue is the end of the way');
  }
});

test('every queue is encrypted', () => {
  for (const [id, queue] of template.ofType('AWS::SQS::Queue')) {
    assert.equal(queue.SqsManagedSseEnabled, true, id);
  }
});

test('a queue lets the topic that feeds it send, and nobody else in', () => {
  const policies = [...template.ofType('AWS::SQS::QueuePolicy').values()];
  const allowed = new Map<string, unknown[]>();
  for (const policy of policies) {
    const made = statements(policy.PolicyDocument);
    assert.equal(policy.Queues.length, 1);
    assert.ok(
      made.some(
        ({ effect, actions, conditions }) =>
          effect === 'Deny' &&
          actions.includes('sqs:*') &&
          conditions?.Bool['aws:SecureTransport'] === 'false',
      ),
    );
    allowed.set(
      short(logicalId(policy.Queues[0])),
      made
        .filter(({ effect }) => effect === 'Allow')
        .map(({ actions, resources, principals, conditions }) => ({
          actions,
          resources,
          principals,
          from: render(conditions?.ArnEquals['aws:SourceArn']),
        })),
    );
  }
  const expected = new Map<string, unknown[]>();
  for (const [name, spec] of specs) {
    const id = `${constructId(name)}Queue`;
    // What the topic cannot deliver, it parks itself.
    for (const each of [id, `${id}DeadLetters`]) {
      expected.set(
        each,
        spec.subscription === undefined
          ? []
          : [
              {
                actions: ['sqs:SendMessage'],
                resources: [each],
                principals: { Service: 'sns.amazonaws.com' },
                from: `${constructId(spec.subscription.topic)}Topic`,
              },
            ],
      );
    }
  }
  assert.deepEqual(allowed, expected);
});

test('the subscriptions are those of the topology, with its filters', () => {
  const subscriptions = [...template.ofType('AWS::SNS::Subscription').values()].map((each) => ({
    queue: render(each.Endpoint),
    topic: render(each.TopicArn),
    protocol: each.Protocol,
    filter: each.FilterPolicy,
    scope: each.FilterPolicyScope ?? 'MessageAttributes',
    raw: each.RawMessageDelivery,
    parks: render(each.RedrivePolicy?.deadLetterTargetArn),
  }));
  const expected = specs.flatMap(([name, { subscription }]) =>
    subscription === undefined
      ? []
      : [
          {
            queue: `${constructId(name)}Queue`,
            topic: `${constructId(subscription.topic)}Topic`,
            protocol: 'sqs',
            filter: subscription.filter,
            scope: 'MessageAttributes',
            raw: subscription.raw_delivery,
            parks: `${constructId(name)}QueueDeadLetters`,
          },
        ],
  );
  const byQueue = (a: { queue: string }, b: { queue: string }) => a.queue.localeCompare(b.queue);
  assert.deepEqual(subscriptions.sort(byQueue), expected.sort(byQueue));
});

test('a topic takes messages over TLS alone, and only those of alarms from a service', () => {
  const both = [template, observability];
  const policies = both.flatMap((each) => [...each.ofType('AWS::SNS::TopicPolicy').values()]);
  assert.deepEqual(
    policies.flatMap((each) => each.Topics.map(render)).sort(),
    both.flatMap((each) => [...each.ofType('AWS::SNS::Topic').keys()].map(short)).sort(),
  );
  for (const policy of policies) {
    const [statement, ...more] = statements(policy.PolicyDocument);
    assert.equal(statement?.effect, 'Deny');
    assert.deepEqual(statement.conditions, { Bool: { 'aws:SecureTransport': 'false' } });
    const isOfAlarms = policy.Topics.map(render).join().startsWith('Topics');
    assert.deepEqual(
      more.map(({ actions, principals, conditions }) => [actions, principals, Object.keys(conditions ?? {})]),
      isOfAlarms
        ? [[['sns:Publish'], { Service: 'cloudwatch.amazonaws.com' }, ['StringEquals']]]
        : [],
    );
  }
});
