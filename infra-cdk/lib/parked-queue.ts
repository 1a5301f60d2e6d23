import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { type ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { physicalName } from './names';
import type { QueueSpec } from './topology';

/**
 * The longest that SQS keeps a message. A message moved to a dead-letter queue keeps the time it was
 * first sent, so anything shorter could expire it there before a person has looked.
 */
const DEAD_LETTER_RETENTION = Duration.days(14);

/** What a parked queue is built from. */
export interface ParkedQueueProps {
  /** Logical name, which the physical names end in. */
  readonly name: string;
  readonly spec: QueueSpec;
  /** The topic that `spec.subscription` names. */
  readonly topic?: ITopic;
}

/**
 * A queue that never drops a message: after too many receives it is parked in a dead-letter queue, from
 * which an operator redrives it. What the topic cannot deliver is parked there as well.
 */
export class ParkedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ParkedQueueProps) {
    super(scope, id);
    const { name, spec } = props;
    const stack = Stack.of(this);
    const queueName = physicalName(stack.stackName, name);
    // The two queues name each other: written from the name, this ARN makes no circle of references.
    const queueArn = stack.formatArn({
      service: 'sqs',
      resource: queueName,
      arnFormat: ArnFormat.NO_RESOURCE_NAME,
    });
    this.deadLetters = new Queue(this, 'DeadLetters', {
      queueName: `${queueName}-dead-letters`,
      retentionPeriod: DEAD_LETTER_RETENTION,
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        sourceQueues: [Queue.fromQueueArn(this, 'Source', queueArn)],
      },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    Validations.of(this.deadLetters).acknowledge({
      id: 'Serverless-SQSRedrivePolicy',
      reason: `The dead letters of ${name} are where messages end: a person looks at each, under an alarm.`,
    });
    this.queue = new Queue(this, 'Queue', {
      queueName,
      visibilityTimeout: Duration.seconds(spec.visibility_timeout_seconds),
      retentionPeriod: Duration.seconds(spec.retention_seconds),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: spec.receive_count_max },
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
    });
    if (spec.subscription !== undefined && props.topic !== undefined) {
      props.topic.addSubscription(
        new SqsSubscription(this.queue, {
          rawMessageDelivery: spec.subscription.raw_delivery,
          deadLetterQueue: this.deadLetters,
          filterPolicy: Object.fromEntries(
            Object.entries(spec.subscription.filter).map(([attribute, allowlist]) => [
              attribute,
              SubscriptionFilter.stringFilter({ allowlist }),
            ]),
          ),
        }),
      );
    }
  }
}
