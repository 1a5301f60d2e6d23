import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedTopology } from '../lib/topology';
import { PLACEHOLDER, type Properties, render, synthesise } from './support';

const topology = shippedTopology();

test('a deployment gives its own settings and architecture', () => {
  const given = synthesise(topology, {
    bootstrap: PLACEHOLDER,
    architecture: 'x86_64',
    CHARITY: 'example',
    RECEIPT_SENDER: 'thanks@gifts.example',
    PUBLIC_URL: 'https://give.example',
  }).template;
  assert.equal(given.functions().get('accept-donation')?.Environment.Variables.CHARITY, 'example');
  assert.equal(
    given.functions().get('accept-donation')?.Environment.Variables.PUBLIC_URL,
    'https://give.example',
  );
  assert.deepEqual(given.functions().get('accept-donation')?.Architectures, ['x86_64']);
  const sending = given
    .statementsOf('send-receipt')
    .find(({ actions }) => actions.includes('ses:SendEmail'));
  assert.deepEqual(
    sending?.resources.map((each) => each.slice(each.lastIndexOf(':') + 1)),
    ['identity/thanks@gifts.example', 'identity/gifts.example', 'configuration-set/receipts'],
  );
  assert.deepEqual(sending?.conditions, { StringEquals: { 'ses:FromAddress': 'thanks@gifts.example' } });
});

test('an environment has a name of its own, which everything with a name begins with', () => {
  const { template, release, observability } = synthesise(topology, { bootstrap: PLACEHOLDER, env: 'stage' });
  for (const type of ['AWS::Lambda::Function', 'AWS::SQS::Queue', 'AWS::CloudWatch::Alarm']) {
    for (const each of [...template.ofType(type).values(), ...observability.ofType(type).values()]) {
      assert.match(each.FunctionName ?? each.QueueName ?? each.AlarmName, /^outpour-stage-/);
    }
  }
  const [application] = [...release.ofType('AWS::CodeDeploy::Application').values()];
  assert.equal(application?.ApplicationName, 'outpour-stage');
});

test('a table and its indexes bear from the start what the deployment says', () => {
  const { template } = synthesise(topology, {
    bootstrap: PLACEHOLDER,
    warm_throughput: 'donations=8000/16000',
  });
  const warm = { WriteUnitsPerSecond: 8000, ReadUnitsPerSecond: 16_000 };
  const donations = template.named('AWS::DynamoDB::Table', 'DonationsTable');
  assert.deepEqual(donations.WarmThroughput, warm);
  assert.deepEqual(donations.GlobalSecondaryIndexes[0].WarmThroughput, warm);
  assert.equal(template.named('AWS::DynamoDB::Table', 'LedgerTable').WarmThroughput, undefined);
});

test('a preview keeps nothing when it is torn down', () => {
  const { template } = synthesise(topology, { bootstrap: PLACEHOLDER, keep: 'nothing', env: 'preview' });
  const kinds = ['AWS::DynamoDB::Table', 'AWS::KMS::Key', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
  for (const [id, resource] of Object.entries<Properties>(template.json.Resources)) {
    assert.ok(!kinds.includes(resource.Type) || resource.DeletionPolicy === 'Delete', id);
  }
  for (const [id, table] of template.ofType('AWS::DynamoDB::Table')) {
    assert.equal(table.DeletionProtectionEnabled, false, id);
  }
});

test('alarms are sent by e-mail to whom the deployment says', () => {
  const { observability } = synthesise(topology, {
    bootstrap: PLACEHOLDER,
    alarm_email: 'ops@charity.example',
  });
  const mailed = [...observability.ofType('AWS::SNS::Subscription').values()].filter(
    ({ Protocol }) => Protocol === 'email',
  );
  assert.deepEqual(
    mailed.map(({ Endpoint, TopicArn }) => `${Endpoint} ${render(TopicArn)}`).sort(),
    ['TopicsUrgent', 'TopicsWorkingHours'].map((topic) => `ops@charity.example ${topic}`),
  );
});

const REFUSED: readonly [string, Record<string, string>, RegExp][] = [
  ['a deployment without a binary', {}, /context bootstrap: must be the folder or zip/],
  ['a binary that is not there', { bootstrap: '/nowhere' }, /context bootstrap: \/nowhere does not exist/],
  [
    'a folder without the binary',
    { bootstrap: __dirname },
    /context bootstrap: .* must be a zip, or a folder with/,
  ],
  [
    'a file that is no zip',
    { bootstrap: __filename },
    /context bootstrap: .* must be a zip, or a folder with/,
  ],
  [
    'an unknown architecture',
    { bootstrap: PLACEHOLDER, architecture: 'mips' },
    /context architecture: must be one of/,
  ],
  ['a misspelt choice', { bootstrap: PLACEHOLDER, realease: 'at-once' }, /context realease: is not known/],
  [
    'an unknown way to release',
    { bootstrap: PLACEHOLDER, release: 'soon' },
    /context release: must be one of/,
  ],
  ['a name that is none', { bootstrap: PLACEHOLDER, env: 'Prod!' }, /context env: must be lower-case/],
  [
    'a charity whose data would go with it',
    { bootstrap: PLACEHOLDER, keep: 'nothing', env: 'production' },
    /context keep: nothing is for an env that is preview/,
  ],
  [
    'warm throughput of no table',
    { bootstrap: PLACEHOLDER, warm_throughput: 'gifts=8000/16000' },
    /context warm_throughput: gifts is not among/,
  ],
  [
    'warm throughput below what a table has anyway',
    { bootstrap: PLACEHOLDER, warm_throughput: 'donations=3999/12000' },
    /context warm_throughput: 3999 must be a whole number of at least 4000/,
  ],
  [
    'a domain without its certificate',
    { bootstrap: PLACEHOLDER, domain: 'give.example' },
    /context domain, certificate: are given together/,
  ],
  [
    'half of what CloudFront needs',
    { bootstrap: PLACEHOLDER, truststore: 's3://trust/authority.pem' },
    /context cdn_certificate, .* are given together/,
  ],
  ['a misspelt setting', { bootstrap: PLACEHOLDER, CHARITY_NAM: 'x' }, /context CHARITY_NAM: is not among/],
  [
    'an empty setting',
    { bootstrap: PLACEHOLDER, CHARITY: '' },
    /context CHARITY: must be a string that is not empty/,
  ],
];

for (const [what, context, message] of REFUSED) {
  test(`${what} is refused`, () => {
    assert.throws(() => synthesise(topology, context), { message });
  });
}
