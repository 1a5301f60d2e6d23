import { Validations } from 'aws-cdk-lib';
import { CfnSecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { Keeping } from './deployment';
import { removalPolicy } from './storage';

/**
 * Why no schedule rotates a secret. One that is not listed here fails the checks until someone has
 * thought about it.
 */
const ROTATED_BY_HAND: Readonly<Record<string, string>> = {
  'provider-stripe':
    "Stripe's API key is rolled in Stripe's dashboard alone, so no rotation function could replace it; the " +
    'value holds up to four webhook secrets at once, so a person rotates those without a gap.',
  'provider-gocardless':
    "GoCardless's access token is made and revoked in its dashboard alone, so no rotation function could " +
    'replace it; each webhook endpoint has its own secret there, and the value holds up to four at once.',
  'capability-key':
    'A key must stay readable for as long as donors hold status URLs made with it, and the value holds ' +
    'four at most: replacing keys on a timer would break links in use, so an operator adds one when needed.',
};

/**
 * A secret without a value: an operator puts the text in after the first deployment, so it is never in a
 * template. Until then a function that asks for it is told that there is none.
 */
export function createSecret(
  scope: Construct,
  id: string,
  { name, holds, keeping }: { name: string; holds: string; keeping: Keeping },
): CfnSecret {
  const secret = new CfnSecret(scope, id, { description: `${name}. ${holds}` });
  secret.applyRemovalPolicy(removalPolicy(keeping));
  const reason = ROTATED_BY_HAND[name];
  if (reason !== undefined) {
    Validations.of(secret).acknowledge({ id: 'AwsSolutions-SMG4', reason });
  }
  return secret;
}
