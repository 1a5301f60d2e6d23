import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shippedTopology } from '../lib/topology';
import { logicalId, PLACEHOLDER, type Properties, render, statements, synthesise } from './support';

const topology = shippedTopology();
const names = Object.keys(topology.functions);
const { template, release, app, manifest } = synthesise();

function groups(from = release): Properties[] {
  return [...from.ofType('AWS::CodeDeploy::DeploymentGroup').values()];
}

test('every function is called as live, and a new version takes over by its deployment group', () => {
  const [application] = [...release.ofType('AWS::CodeDeploy::Application').values()];
  const aliases = Object.values<Properties>(template.json.Resources).filter(
    ({ Type }) => Type === 'AWS::Lambda::Alias',
  );
  const shifted = aliases.map(({ Properties: alias, UpdatePolicy }) => {
    assert.equal(alias.Name, 'live');
    const { ApplicationName, DeploymentGroupName } = UpdatePolicy.CodeDeployLambdaAliasUpdate;
    assert.equal(ApplicationName, application?.ApplicationName);
    return [template.json.Resources[logicalId(alias.FunctionName)]?.Properties.Handler, DeploymentGroupName];
  });
  assert.deepEqual(shifted.sort(), names.map((name) => [name, `outpour-${name}`]).sort());
  assert.deepEqual(
    groups()
      .map(({ DeploymentGroupName }) => DeploymentGroupName)
      .sort(),
    names.map((name) => `outpour-${name}`).sort(),
  );
});

test('one call in ten tries a new version for five minutes, and a failing one is taken back', () => {
  for (const group of groups()) {
    const name = group.DeploymentGroupName.slice('outpour-'.length);
    assert.equal(group.DeploymentConfigName, 'CodeDeployDefault.LambdaCanary10Percent5Minutes');
    assert.deepEqual(group.AutoRollbackConfiguration.Events.sort(), [
      'DEPLOYMENT_FAILURE',
      'DEPLOYMENT_STOP_ON_ALARM',
      'DEPLOYMENT_STOP_ON_REQUEST',
    ]);
    const { Enabled, IgnorePollAlarmFailure, Alarms } = group.AlarmConfiguration;
    assert.deepEqual([Enabled, IgnorePollAlarmFailure], [true, false]);
    const [alarm, ...more] = Alarms.map((each: Properties) => release.json.Resources[logicalId(each.Name)]);
    assert.deepEqual(more, []);
    assert.equal(alarm?.Properties.MetricName, 'Errors');
    assert.deepEqual(alarm.Properties.Dimensions, [
      { Name: 'FunctionName', Value: `outpour-${name}` },
      { Name: 'Resource', Value: `outpour-${name}:live` },
    ]);
  }
});

test('a mend that cannot wait takes over at once', () => {
  const given = synthesise(topology, { bootstrap: PLACEHOLDER, release: 'at-once' });
  for (const group of groups(given.release)) {
    assert.equal(group.DeploymentConfigName, 'CodeDeployDefault.LambdaAllAtOnce');
  }
});

test('CodeDeploy may move the aliases of these functions and read these alarms, and nothing else', () => {
  const [policy, ...more] = [...release.ofType('AWS::IAM::Policy').values()];
  assert.deepEqual(more, []);
  const [aliases, alarms, ...others] = statements(policy?.PolicyDocument);
  assert.deepEqual(others, []);
  const arns = names.flatMap((name) => {
    const arn = `arn:<Partition>:lambda:<Region>:<AccountId>:function:outpour-${name}`;
    return [arn, `${arn}:live`];
  });
  assert.deepEqual(aliases?.actions, [
    'lambda:GetAlias',
    'lambda:GetProvisionedConcurrencyConfig',
    'lambda:UpdateAlias',
  ]);
  assert.deepEqual(aliases.resources.sort(), arns.sort());
  assert.deepEqual(alarms?.actions, ['cloudwatch:DescribeAlarms']);
  assert.equal(alarms.resources.length, names.length);
  assert.ok(!JSON.stringify(policy).includes('*'));
});

test('the release stack stands before the pipeline does, and neither reads a value of the other', () => {
  assert.ok(manifest.artifacts.outpour.dependencies.includes('outpour-release'));
  assert.equal(app.node.tryFindChild('outpour-web-acl'), undefined);
  for (const each of [template, release]) {
    assert.doesNotMatch(JSON.stringify(each.json), /Fn::ImportValue/);
  }
  assert.equal(release.json.Outputs, undefined);
  assert.equal(render(groups()[0]?.ApplicationName), 'Application');
});

test('the version before a release is kept, since a release goes back to it', () => {
  const versions = Object.values<Properties>(template.json.Resources).filter(
    ({ Type }) => Type === 'AWS::Lambda::Version',
  );
  assert.equal(versions.length, names.length);
  assert.ok(versions.every(({ DeletionPolicy }) => DeletionPolicy === 'Retain'));
});
