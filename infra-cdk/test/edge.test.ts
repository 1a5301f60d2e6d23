import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { shippedTopology } from '../lib/topology';
import { PLACEHOLDER, type Properties, render, synthesise, type Template } from './support';

const topology = shippedTopology();
const { template, webAcl } = synthesise();

const DOMAIN = {
  bootstrap: PLACEHOLDER,
  domain: 'give.example',
  certificate: 'arn:aws:acm:eu-west-2:111122223333:certificate/regional',
};
const CDN = {
  ...DOMAIN,
  cdn_certificate: 'arn:aws:acm:us-east-1:111122223333:certificate/donors',
  cdn_client_certificate: 'arn:aws:acm:us-east-1:111122223333:certificate/cloudfront',
  truststore: 's3://example-trust/authorities/cloudfront.pem',
  web_acl: 'arn:aws:wafv2:us-east-1:111122223333:global/webacl/example/1',
  web_acl_stack: 'yes',
};

/** The one resource of a type. */
function only(from: Template, type: string): Properties {
  const [found, ...more] = [...from.ofType(type).values()];
  assert.deepEqual(more, []);
  assert.ok(found, type);
  return found;
}

test('the API lets through so many requests a second, and of operators few', () => {
  const { DefaultRouteSettings, RouteSettings } = only(template, 'AWS::ApiGatewayV2::Stage');
  assert.deepEqual(DefaultRouteSettings, { ThrottlingRateLimit: 2000, ThrottlingBurstLimit: 4000 });
  const authorised = Object.values(topology.functions).flatMap(({ http }) =>
    http
      .filter(({ authorisation }) => authorisation === 'iam')
      .map(({ method, path }) => [
        `${method} ${path}`,
        { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 },
      ]),
  );
  assert.deepEqual(RouteSettings, Object.fromEntries(authorised));
  const given = synthesise(topology, { bootstrap: PLACEHOLDER, api_rate: '300/600' });
  assert.deepEqual(only(given.template, 'AWS::ApiGatewayV2::Stage').DefaultRouteSettings, {
    ThrottlingRateLimit: 300,
    ThrottlingBurstLimit: 600,
  });
});

test('without a domain the API answers under the name that AWS gives it, and CloudFront is not there', () => {
  assert.equal(only(template, 'AWS::ApiGatewayV2::Api').DisableExecuteApiEndpoint, false);
  assert.equal(template.ofType('AWS::ApiGatewayV2::DomainName').size, 0);
  assert.equal(template.ofType('AWS::CloudFront::Distribution').size, 0);
  assert.equal(webAcl, undefined);
});

test('a domain of the charity’s own is the one door of the API', () => {
  const given = synthesise(topology, DOMAIN).template;
  assert.equal(only(given, 'AWS::ApiGatewayV2::Api').DisableExecuteApiEndpoint, true);
  const domain = only(given, 'AWS::ApiGatewayV2::DomainName');
  assert.equal(domain.DomainName, 'give.example');
  assert.equal(domain.MutualTlsAuthentication, undefined);
  assert.equal(domain.DomainNameConfigurations[0].CertificateArn, DOMAIN.certificate);
  const { PUBLIC_URL } = given.functions().get('accept-donation')?.Environment.Variables ?? {};
  assert.equal(PUBLIC_URL, 'https://give.example');
});

test('where CloudFront is wanted, the API lets nobody else in, and donors’ addresses come from it', () => {
  const given = synthesise(topology, CDN).template;
  const { MutualTlsAuthentication } = only(given, 'AWS::ApiGatewayV2::DomainName');
  assert.deepEqual(MutualTlsAuthentication, { TruststoreUri: CDN.truststore });
  const { SOURCE_ADDRESS } = given.functions().get('accept-donation')?.Environment.Variables ?? {};
  assert.equal(SOURCE_ADDRESS, 'cloudfront-viewer-address');
  const { DistributionConfig: config } = only(given, 'AWS::CloudFront::Distribution');
  const showing = config.Origins.filter((each: Properties) => each.CustomOriginConfig !== undefined);
  assert.deepEqual(
    showing.map(({ CustomOriginConfig }: Properties) => CustomOriginConfig.OriginMtlsConfig),
    [{ ClientCertificateArn: CDN.cdn_client_certificate }],
  );
  assert.match(render(showing[0].DomainName), /RegionalDomainName$/);
  assert.equal(config.WebACLId, CDN.web_acl);
  assert.deepEqual(config.Aliases, ['give.example']);
  assert.equal(config.ViewerCertificate.AcmCertificateArn, CDN.cdn_certificate);
});

test('every route of the API goes through CloudFront uncached, and every other path is a page', () => {
  const { DistributionConfig: config } = only(
    synthesise(topology, CDN).template,
    'AWS::CloudFront::Distribution',
  );
  const api = config.Origins.find((each: Properties) => each.CustomOriginConfig !== undefined).Id;
  const behaviours: Properties[] = config.CacheBehaviors;
  for (const { http } of Object.values(topology.functions)) {
    for (const { path } of http) {
      const behaviour = behaviours.find(({ PathPattern }) =>
        PathPattern.endsWith('/*') ? path.startsWith(PathPattern.slice(0, -1)) : path === PathPattern,
      );
      assert.ok(behaviour, path);
      assert.equal(behaviour.TargetOriginId, api, path);
      // AWS's managed policies: caching disabled; all that the viewer sent, and CloudFront's own headers.
      assert.equal(behaviour.CachePolicyId, '4135ea2d-6df8-44a3-9df3-4b5a84be39ad');
      assert.equal(behaviour.OriginRequestPolicyId, '33f36d7e-f396-46d9-90e0-52428a34d9dc');
    }
  }
  const { TargetOriginId } = config.DefaultCacheBehavior;
  const pages = config.Origins.find(({ Id }: Properties) => Id === TargetOriginId);
  assert.match(render(pages.DomainName), /^CdnPages/);
  assert.ok(pages.OriginAccessControlId);
});

test('CloudFront’s rules turn away floods and known bad addresses, and keep no sample of a request', () => {
  const given = synthesise(topology, CDN);
  assert.ok(given.webAcl);
  const { Scope, Rules } = only(given.webAcl, 'AWS::WAFv2::WebACL');
  assert.equal(Scope, 'CLOUDFRONT');
  assert.equal(given.manifest.artifacts['outpour-web-acl'].environment, 'aws://unknown-account/us-east-1');
  assert.deepEqual(
    Rules.map((each: Properties) => [each.Name, each.VisibilityConfig.SampledRequestsEnabled]),
    [
      ['one-address-too-often', false],
      ['known-bad-addresses', false],
    ],
  );
});

test('cdk-nag finds nothing in the edge either', () => {
  const { app } = synthesise(topology, { ...CDN, alarm_email: 'ops@charity.example' });
  for (const checks of [new AwsSolutionsChecks(), new ServerlessChecks()]) {
    assert.deepEqual(checks.validateScope(app).violations, []);
  }
});
