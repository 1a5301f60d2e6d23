import { Stack, Validations } from 'aws-cdk-lib';
import type { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { constructId } from './names';
import { SEVERITIES, type Severity } from './service-levels';

/**
 * Where alarms go: one topic for what somebody is woken for, one for what waits for the morning. A pager or
 * a chat is subscribed by whoever runs the service; an e-mail address can be given at deployment.
 */
export class AlarmTopics extends Construct {
  private readonly topics: ReadonlyMap<Severity, Topic>;

  constructor(scope: Construct, id: string, email?: string) {
    super(scope, id);
    this.topics = new Map(SEVERITIES.map((severity) => [severity, this.topic(severity)]));
    if (email !== undefined) {
      for (const [severity, topic] of this.topics) {
        Validations.of(topic.addSubscription(new EmailSubscription(email))).acknowledge({
          id: 'Serverless-SNSRedrivePolicy',
          reason:
            `An e-mail about ${severity} alarms that cannot be delivered is not worth replaying later: the ` +
            'alarm itself stays in CloudWatch, with its history, until what is wrong is mended.',
        });
      }
    }
  }

  /** Has an alarm and its end announced. */
  announce(severity: Severity, alarm: Alarm): void {
    const topic = this.topics.get(severity);
    if (topic === undefined) {
      throw new Error(`there is no severity ${severity}`);
    }
    const action = new SnsAction(topic);
    alarm.addAlarmAction(action);
    alarm.addOkAction(action);
  }

  /** The topics' ARNs. */
  get arns(): ReadonlyMap<Severity, string> {
    return new Map([...this.topics].map(([severity, { topicArn }]) => [severity, topicArn]));
  }

  private topic(severity: Severity): Topic {
    const topic = new Topic(this, constructId(severity), { enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    );
    return topic;
  }
}
