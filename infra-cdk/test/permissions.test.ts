import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constructId } from '../lib/names';
import { shippedTopology } from '../lib/topology';
import { list, logicalId, render, type Statement, statements, synthesise } from './support';

const topology = shippedTopology();
const { template } = synthesise();
const specs = Object.entries(topology.functions);

/** `effect action resource` for each pair of a statement's action and resource. */
function pairs({ effect, actions, resources }: Statement): string[] {
  return actions.flatMap((action) => resources.map((resource) => `${effect} ${action} ${resource}`));
}

/** What one of a topology's resources is called in the template; a query may read the indexes too. */
function resourcesOf(resource: string, action: string): string[] {
  const [kind, name = ''] = resource.split(':');
  const id = constructId(name);
  const ses = (what: string) => `arn:<Partition>:ses:<Region>:<AccountId>:${what}`;
  const indexes = Object.keys(topology.tables[name]?.indexes ?? {}).map(
    (index) => `${id}Table/index/${index}`,
  );
  const found: Record<string, string[]> = {
    table: [`${id}Table`, ...(action === 'dynamodb:Query' ? indexes : [])],
    bucket: [`${id}Bucket/*`],
    secret: [`${id}Secret`],
    topic: [`${id}Topic`],
    queue: [`${id}Queue`],
    'dead-letters': [`${id}QueueDeadLetters`],
    ses: [
      ses('identity/receipts@charity.example'),
      ses('identity/charity.example'),
      ses('configuration-set/receipts'),
    ],
  };
  return found[kind ?? ''] ?? [];
}

test('a role may do what the topology says, write its own log, consume its own queue, and no more', () => {
  for (const [name, spec] of specs) {
    const given = template
      .statementsOf(name)
      .flatMap(pairs)
      .filter((each) => !each.startsWith('Deny '));
    const expected = [
      ...Object.entries(spec.actions).flatMap(([resource, actions]) =>
        actions.flatMap((action) => resourcesOf(resource, action).map((each) => `Allow ${action} ${each}`)),
      ),
      ...['logs:CreateLogStream', 'logs:PutLogEvents'].map(
        (action) => `Allow ${action} ${constructId(name)}Logs`,
      ),
      ...(spec.queue === undefined
        ? []
        : ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'].map(
            (action) => `Allow ${action} ${constructId(spec.queue?.name ?? '')}Queue`,
          )),
    ];
    assert.deepEqual(given.sort(), expected.sort(), name);
  }
});

test('every function has a role of its own, which Lambda alone may assume', () => {
  const roles = [...template.functions().values()].map((each) => logicalId(each.Role));
  assert.equal(new Set(roles).size, specs.length);
  assert.deepEqual(new Set(roles), new Set(template.ofType('AWS::IAM::Role').keys()));
  for (const role of template.ofType('AWS::IAM::Role').values()) {
    assert.equal(role.ManagedPolicyArns, undefined);
    assert.equal(role.Policies, undefined);
    assert.deepEqual(
      statements(role.AssumeRolePolicyDocument).map(({ principals }) => principals),
      [{ Service: 'lambda.amazonaws.com' }],
    );
  }
  for (const policy of template.ofType('AWS::IAM::Policy').values()) {
    assert.equal(policy.Roles.length, 1);
  }
});

test('no role has a wildcard but for the objects of the export bucket', () => {
  const wild = [...template.ofType('AWS::IAM::Policy').values()]
    .flatMap((policy) => statements(policy.PolicyDocument).flatMap(pairs))
    .filter((each) => each.includes('*'));
  assert.deepEqual(wild.sort(), [
    'Allow s3:GetObject ExportsBucket/*',
    'Allow s3:PutObject ExportsBucket/*',
  ]);
});

test('the roles that post to the ledger are denied every way to alter or remove an entry', () => {
  const posting = specs.filter(([, { actions }]) => actions['table:ledger']?.includes('dynamodb:PutItem'));
  assert.deepEqual(posting.map(([name]) => name).sort(), ['post-journal-entry', 'reconcile-payments']);
  for (const [name] of posting) {
    const denied = template
      .statementsOf(name)
      .flatMap(pairs)
      .filter((each) => each.startsWith('Deny '));
    assert.deepEqual(
      denied.sort(),
      [
        'Deny dynamodb:BatchWriteItem LedgerTable',
        'Deny dynamodb:DeleteItem LedgerTable',
        'Deny dynamodb:PartiQLDelete LedgerTable',
        'Deny dynamodb:PartiQLUpdate LedgerTable',
        'Deny dynamodb:UpdateItem LedgerTable',
      ],
      name,
    );
  }
});

test('the role that receives webhooks cannot read a donation', () => {
  const about = template
    .statementsOf('receive-webhook')
    .flatMap(pairs)
    .filter((each) => each.includes('Donations'));
  assert.deepEqual(about, []);
});

test("a table of donors' data has a key that its own readers may use, through DynamoDB alone", () => {
  const keys = template.ofType('AWS::KMS::Key');
  const kept = Object.entries(topology.tables).filter(([, spec]) => spec.holds_donor_data);
  assert.equal(keys.size, kept.length);
  for (const [name] of kept) {
    const key = template.named('AWS::KMS::Key', `${constructId(name)}TableKey`);
    assert.equal(key.EnableKeyRotation, true);
    const [account, readers, ...more] = statements(key.KeyPolicy);
    assert.deepEqual(more, []);
    assert.equal(
      render((account?.principals as { AWS: unknown }).AWS),
      'arn:<Partition>:iam::<AccountId>:root',
    );
    const expected = specs
      .filter(([, spec]) => spec.actions[`table:${name}`] !== undefined)
      .map(([reader]) => `${constructId(reader)}Role`);
    assert.deepEqual(
      list((readers?.principals as { AWS: unknown }).AWS)
        .map(render)
        .sort(),
      expected.sort(),
    );
    assert.equal(
      render(readers?.conditions?.StringEquals['kms:ViaService']),
      'dynamodb.<Region>.amazonaws.com',
    );
  }
});
