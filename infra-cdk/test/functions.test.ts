import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructId } from '../lib/names';
import { shippedTopology } from '../lib/topology';
import { logicalId, type Properties, render, synthesise } from './support';

const topology = shippedTopology();
const { template } = synthesise();
const specs = Object.entries(topology.functions);

/** The properties of a function that the topology names. */
function built(name: string): Properties {
  const properties = template.functions().get(name);
  assert.ok(properties, name);
  return properties;
}

test('the functions are those of the topology', () => {
  assert.deepEqual([...template.functions().keys()].sort(), Object.keys(topology.functions).sort());
  assert.equal(template.ofType('AWS::Lambda::Function').size, specs.length);
});

test('every function runs the shared binary natively, as long and as large as the topology says', () => {
  for (const [name, spec] of specs) {
    const { Runtime, Architectures, Timeout, MemorySize, Handler } = built(name);
    assert.deepEqual(
      { Runtime, Architectures, Timeout, MemorySize, Handler },
      {
        Runtime: 'provided.al2023',
        Architectures: ['arm64'],
        Timeout: spec.timeout_seconds,
        MemorySize: spec.memory_mb,
        Handler: name,
      },
    );
  }
});

test('every function gets exactly the environment keys of the topology', () => {
  for (const [name, spec] of specs) {
    assert.deepEqual(
      Object.keys(built(name).Environment.Variables).sort(),
      [...spec.environment].sort(),
      name,
    );
  }
});

test('every environment key carries what the topology says it does', () => {
  const { tables, buckets, secrets, topics, queues, settings } = topology;
  const named = (group: Record<string, { environment_key: string }>, kind: string) =>
    Object.entries(group).map(([name, spec]): [string, string] => [
      spec.environment_key,
      constructId(name) + kind,
    ]);
  const carried = new Map<string, string>([
    ...named(tables, 'Table'),
    ...named(buckets, 'Bucket'),
    ...named(secrets, 'Secret'),
    ...named(topics, 'Topic'),
    ...named(queues, 'Queue'),
    ...Object.entries(queues).map(([name, spec]): [string, string] => [
      spec.dead_letter_environment_key,
      `${constructId(name)}QueueDeadLetters`,
    ]),
    ...Object.entries(settings).map(([key, spec]): [string, string] => [key, spec.default]),
    ['PUBLIC_URL', 'HttpApi.ApiEndpoint'],
  ]);
  for (const [name] of specs) {
    for (const [key, value] of Object.entries(built(name).Environment.Variables)) {
      assert.equal(render(value), carried.get(key), `${name} ${key}`);
    }
  }
});

test('scenario 15, a drifted stack: a queue is consumed with the bounds of the topology and partial batch responses', () => {
  const mappings = [...template.ofType('AWS::Lambda::EventSourceMapping').values()];
  const consumers = specs.flatMap(([name, spec]) =>
    spec.queue === undefined ? [] : [{ name, queue: spec.queue }],
  );
  assert.equal(mappings.length, consumers.length);
  for (const { name, queue } of consumers) {
    const mapping = mappings.find((each) => template.functionReferredTo(each.FunctionName) === name);
    assert.ok(mapping, name);
    assert.equal(mapping.BatchSize, queue.batch_size, name);
    assert.equal(mapping.MaximumBatchingWindowInSeconds, queue.batch_window_seconds, name);
    assert.equal(mapping.ScalingConfig.MaximumConcurrency, queue.concurrency_max, name);
    assert.deepEqual(mapping.FunctionResponseTypes, ['ReportBatchItemFailures'], name);
    const source = template.json.Resources[logicalId(mapping.EventSourceArn)];
    assert.equal(source?.Properties.QueueName, `outpour-${queue.name}`, name);
  }
});

test('concurrency is reserved where the topology says so, and never for the consumer of a queue', () => {
  for (const [name, spec] of specs) {
    assert.equal(built(name).ReservedConcurrentExecutions, spec.concurrency_max, name);
    assert.ok(spec.queue === undefined || built(name).ReservedConcurrentExecutions === undefined, name);
  }
});

test('the routes are those of the topology, each to its function', () => {
  const targets = new Map<string, string>();
  for (const route of template.ofType('AWS::ApiGatewayV2::Route').values()) {
    const integration = logicalId(route.Target['Fn::Join'][1][1]);
    const { IntegrationUri, PayloadFormatVersion } = template.json.Resources[integration]?.Properties ?? {};
    assert.equal(PayloadFormatVersion, '2.0');
    targets.set(route.RouteKey, template.functionReferredTo(IntegrationUri));
  }
  const expected = specs.flatMap(([name, { http }]) =>
    http.map(({ method, path }) => [`${method} ${path}`, name]),
  );
  assert.deepEqual([...targets].sort(), expected.sort());
});

test('the two operator routes are opened by IAM, and no other route is', () => {
  const authorised = [...template.ofType('AWS::ApiGatewayV2::Route').values()].map((route) => {
    assert.equal(route.AuthorizerId, undefined, route.RouteKey);
    return `${route.RouteKey} ${route.AuthorizationType}`;
  });
  assert.deepEqual(authorised.sort(), [
    'GET /donations/{id} NONE',
    'POST /donations NONE',
    'POST /donations/{id}/refunds AWS_IAM',
    'POST /donations/{id}/resolutions AWS_IAM',
    'POST /webhooks/{provider} NONE',
  ]);
});

test('a schedule runs at the rate of the topology, and a late or failed run is not repeated', () => {
  const scheduled = [...template.ofType('AWS::Events::Rule').values()].map((rule) => {
    assert.deepEqual(rule.Targets[0].RetryPolicy.MaximumRetryAttempts, 0);
    const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(rule.ScheduleExpression) ?? [];
    return [
      template.functionReferredTo(rule.Targets[0].Arn),
      Number(count) * (unit === 'hour' ? 3600 : 60),
    ];
  });
  const expected = specs.flatMap(([name, spec]) =>
    spec.schedule ? [[name, spec.schedule.every_seconds]] : [],
  );
  assert.deepEqual(scheduled.sort(), expected.sort());
});

test('a function is invoked by what the topology names, and by nothing else', () => {
  const invokers = [...template.ofType('AWS::Lambda::Permission').values()].map(
    (each) => `${template.functionReferredTo(each.FunctionName)} ${each.Principal}`,
  );
  const expected = specs.flatMap(([name, spec]) => [
    ...spec.http.map(() => `${name} apigateway.amazonaws.com`),
    ...(spec.schedule ? [`${name} events.amazonaws.com`] : []),
  ]);
  assert.deepEqual(invokers.sort(), expected.sort());
  for (const each of template.ofType('AWS::Lambda::Permission').values()) {
    assert.ok(each.SourceArn, 'an invoker is one API route or one rule, not a whole service');
  }
});

test('every function logs to a group of its own, which is kept thirteen months', () => {
  const groups = specs.map(([name]) => logicalId(built(name).LoggingConfig.LogGroup));
  assert.equal(new Set(groups).size, specs.length);
  for (const group of template.ofType('AWS::Logs::LogGroup').values()) {
    assert.equal(group.RetentionInDays, 400);
  }
});

test('logs are JSON, and of Lambda’s own lines only those that warn are kept', () => {
  for (const [name] of specs) {
    const { LogFormat, SystemLogLevel, ApplicationLogLevel } = built(name).LoggingConfig;
    assert.deepEqual([LogFormat, SystemLogLevel, ApplicationLogLevel], ['JSON', 'WARN', 'INFO'], name);
  }
});

test('what is logged of a request tells neither who called nor how to see a donation', () => {
  for (const stage of template.ofType('AWS::ApiGatewayV2::Stage').values()) {
    assert.doesNotMatch(stage.AccessLogSettings.Format, /identity|userAgent|path|query|authorizer/i);
  }
});
