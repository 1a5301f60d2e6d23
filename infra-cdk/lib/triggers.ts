import { CfnResource, Validations } from 'aws-cdk-lib';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { CfnEventInvokeConfig, CfnEventSourceMapping, CfnFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionSpec } from './topology';

/**
 * Says, for each function, why what catches failed calls elsewhere is not needed for its kind of trigger.
 * cdk-nag's Serverless pack asks it of every function alike.
 */
export function acknowledgeTrigger(scope: Construct, name: string, spec: FunctionSpec): void {
  for (const resource of scope.node.findAll().filter(CfnResource.isCfnResource)) {
    const reasons: Record<string, string> = {};
    if (resource instanceof CfnFunction) {
      reasons['Serverless-LambdaDLQ'] = withoutDeadLetters(name, spec);
      reasons['Serverless-LambdaTracing'] =
        `A donation is followed through ${name} by the W3C trace context in its messages and logs; X-Ray ` +
        'would sample it, and needs a grant on all resources.';
    } else if (resource instanceof CfnEventSourceMapping) {
      reasons['Serverless-LambdaEventSourceMappingDestination'] =
        `Lambda has no such destination for a queue: what ${name} fails to handle goes to the queue's own ` +
        'dead letters.';
    } else if (resource instanceof CfnEventInvokeConfig) {
      reasons['Serverless-LambdaAsyncFailureDestination'] =
        `A failed run of ${name} leaves nothing to keep: its event is empty, and the next run reads the ` +
        'same state anew.';
    } else if (resource instanceof CfnRule) {
      reasons['Serverless-EventBusDLQ'] =
        `A run of ${name} that does not come about is made good by the next; an alarm tells if they fail.`;
    }
    for (const [id, reason] of Object.entries(reasons)) {
      Validations.of(resource).acknowledge({ id, reason });
    }
  }
}

function withoutDeadLetters(name: string, { queue, schedule, operator }: FunctionSpec): string {
  if (queue !== undefined) {
    return `${name} is called for its queue alone, never asynchronously: ${queue.name} has dead letters.`;
  }
  if (schedule !== undefined) {
    return `A failed run of ${name} is not repeated and its event is empty: there is nothing to keep.`;
  }
  return operator
    ? `${name} is called by an operator who waits for its answer; there is no asynchronous call to keep.`
    : `${name} is called by the HTTP API, which waits for its answer; the caller sees every failure.`;
}
