import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CfnResource, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { constructId } from '../lib/names';
import { parseTopology, shippedTopology, type Topology } from '../lib/topology';
import { type Properties, synthesise } from './support';

/** The shipped topology after a change that its own rules allow. */
function changed(change: (topology: Topology) => void): Topology {
  const topology = shippedTopology();
  change(topology);
  return parseTopology(JSON.stringify(topology));
}

/** The rules acknowledged in a tree of constructs: where, which, and why. */
function acknowledged({
  app,
}: ReturnType<typeof synthesise>): { path: string; rule: string; reason: string }[] {
  return app.node.findAll().flatMap((construct) =>
    construct.node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) =>
        Object.entries<string>(data).map(([rule, reason]) => ({
          path: construct.node.path,
          rule: rule.replace(/^annotation::/i, ''),
          reason,
        })),
      ),
  );
}

test('synthesis needs no account, looks nothing up and gives the same template each time', () => {
  const [first, second] = [synthesise(), synthesise()];
  assert.equal(first.manifest.missing, undefined);
  assert.equal(first.manifest.artifacts.outpour.environment, 'aws://unknown-account/unknown-region');
  for (const stack of ['template', 'release', 'observability'] as const) {
    assert.equal(JSON.stringify(first[stack].json), JSON.stringify(second[stack].json));
  }
});

test('cdk-nag finds nothing that is not acknowledged', () => {
  const { app } = synthesise();
  for (const checks of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
    assert.deepEqual(checks.validateScope(app).violations, []);
  }
});

/** What the Serverless pack asks of every function alike and does not fit its kind of trigger. */
function byTrigger(): string[] {
  const { functions, queues } = shippedTopology();
  return [
    ...Object.keys(queues).map(
      (name) => `outpour/${constructId(name)}Queue/DeadLetters Serverless-SQSRedrivePolicy`,
    ),
    ...Object.entries(functions).flatMap(([name, { queue, schedule }]) => {
      const at = `outpour/${constructId(name)}`;
      return [
        `${at}/Function/Resource Serverless-LambdaDLQ`,
        `${at}/Function/Resource Serverless-LambdaTracing`,
        ...(queue ? [`${at}/Messages/Resource Serverless-LambdaEventSourceMappingDestination`] : []),
        ...(schedule
          ? [
              `${at}/Live/EventInvokeConfig/Resource Serverless-LambdaAsyncFailureDestination`,
              `${at}/Schedule/Resource Serverless-EventBusDLQ`,
            ]
          : []),
      ];
    }),
  ].sort();
}

test('what is acknowledged is one rule at one resource, with a reason that says why', () => {
  const found = acknowledged(synthesise());
  const ofServerless = (rule: string) => rule.startsWith('Serverless-');
  const lines = found.map(({ path, rule }) => `${path} ${rule}`).sort();
  assert.deepEqual(lines.filter((each) => !ofServerless(each.split(' ')[1] ?? '')), [
    'outpour/CapabilityKeySecret AwsSolutions-SMG4',
    'outpour/ExportLedger/Role AwsSolutions-IAM5[Resource::<ExportsBucket5A12738B.Arn>/*]',
    'outpour/Http/Api/GET--donations--{id} AwsSolutions-APIG4',
    'outpour/Http/Api/POST--donations AwsSolutions-APIG4',
    'outpour/Http/Api/POST--webhooks--{provider} AwsSolutions-APIG4',
    'outpour/ProviderGocardlessSecret AwsSolutions-SMG4',
    'outpour/ProviderStripeSecret AwsSolutions-SMG4',
  ]);
  assert.deepEqual(lines.filter((each) => ofServerless(each.split(' ')[1] ?? '')), byTrigger());
  const reasons = found.map(({ reason }) => reason);
  assert.equal(new Set(reasons).size, reasons.length);
  assert.ok(
    reasons.every((reason) => reason.length > 60),
    'a reason is a sentence about this resource',
  );
});

test('an unauthorised route fails synthesis until someone has said why it is open', () => {
  const topology = changed(({ functions }) => {
    const shown = functions['show-donation'];
    assert.ok(shown);
    functions['list-donations'] = { ...shown, http: [{ method: 'GET', path: '/donations' }] };
  });
  assert.throws(() => synthesise(topology), /Validation failed/);
});

test('an operator route that lost its authorisation fails synthesis', () => {
  const topology = changed(({ functions }) => {
    for (const route of functions['request-refund']?.http ?? []) {
      delete route.authorisation;
    }
  });
  assert.throws(() => synthesise(topology), /Validation failed/);
});

test('a secret that nothing rotates fails synthesis until someone has said why', () => {
  const topology = changed(({ secrets }) => {
    secrets['provider-other'] = {
      environment_key: 'PROVIDER_OTHER_SECRET_ARN',
      holds: 'JSON object: api_key (string)',
    };
  });
  assert.throws(() => synthesise(topology), /Validation failed/);
});

test('the checks see what is wrong with a resource', () => {
  const { app } = synthesise();
  const queue = app.node.findAll().find((each) => each.node.path.endsWith('PaymentsQueue/Queue/Resource'));
  assert.ok(CfnResource.isCfnResource(queue));
  (queue as unknown as Properties).redrivePolicy = undefined;
  assert.deepEqual(
    new AwsSolutionsChecks().validateScope(app).violations.map(({ ruleName }) => ruleName),
    ['AwsSolutions-SQS3'],
  );
});
