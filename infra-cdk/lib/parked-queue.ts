import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { type ITopic, SubscriptionFilter } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
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
 * which an operator redrives it. Alarms tell when messages grow old here, and when one is parked.
 */
export class ParkedQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: ParkedQueueProps) {
    super(scope, id);
    const { name, spec } = props;
    const stack = Stack.of(this);
    const queueName = `${stack.stackName}-${name}`;
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
          filterPolicy: Object.fromEntries(
            Object.entries(spec.subscription.filter).map(([attribute, allowlist]) => [
              attribute,
              SubscriptionFilter.stringFilter({ allowlist }),
            ]),
          ),
        }),
      );
    }
    this.addAlarms(props, queueName);
  }

  private addAlarms({ name, spec }: ParkedQueueProps, queueName: string): void {
    const period = Duration.minutes(1);
    this.queue.metricApproximateAgeOfOldestMessage({ period }).createAlarm(this, 'AgeAlarm', {
      alarmName: `${queueName}-age`,
      alarmDescription:
        `A message in ${name} is older than one visibility timeout: ` +
        'its first handling failed, or nobody reads.',
      threshold: spec.visibility_timeout_seconds,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    this.deadLetters.metricApproximateNumberOfMessagesVisible({ period }).createAlarm(this, 'DepthAlarm', {
      alarmName: `${queueName}-dead-letters-depth`,
      alarmDescription: `A message of ${name} is parked: find out why, mend it, then redrive it.`,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
