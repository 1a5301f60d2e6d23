import { CfnOutput, Stack } from 'aws-cdk-lib';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/**
 * Requests that one address may make in five minutes. Mobile networks put thousands of people behind one
 * address, so this stops a flood and nothing less: card testers are told by their declines.
 */
const REQUESTS_PER_FIVE_MINUTES = 6_000;
/** CloudFront reads its access control lists there alone. */
const REGION = 'us-east-1';

/**
 * The rules that CloudFront holds requests to. WAF cannot stand before an HTTP API itself, so without
 * CloudFront there is none; the API's throttling and the screening of card testers are there in any case.
 */
export class WebAclStack extends Stack {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      description: 'Outpour: which requests CloudFront turns away',
      env: { region: REGION },
    });
    const acl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible('requests'),
      rules: [
        {
          name: 'one-address-too-often',
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: {
            rateBasedStatement: {
              aggregateKeyType: 'IP',
              limit: REQUESTS_PER_FIVE_MINUTES,
              evaluationWindowSec: 300,
            },
          },
          visibilityConfig: visible('one-address-too-often'),
        },
        {
          name: 'known-bad-addresses',
          priority: 1,
          overrideAction: { none: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
          },
          visibilityConfig: visible('known-bad-addresses'),
        },
      ],
    });
    new CfnOutput(this, 'WebAclArn', {
      value: acl.attrArn,
      description: 'The value of the context key web_acl',
    });
  }
}

/** Counted, but no request is kept: a sample would hold donors' addresses. */
function visible(metricName: string) {
  return { cloudWatchMetricsEnabled: true, metricName, sampledRequestsEnabled: false };
}
