import { Duration, Stack } from 'aws-cdk-lib';
import { ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { constructId } from './names';

const METRIC = 'AlarmLines';

/**
 * One alarm for every log line with the field `alarm`, whichever function wrote it: a provider that fails or
 * turns calls away, screening that cannot be done, work for a person. The field's value says which it is.
 */
export class LogAlarm extends Construct {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    new Metric({
      namespace: stackName,
      metricName: METRIC,
      statistic: 'Sum',
      period: Duration.minutes(1),
    }).createAlarm(this, 'Alarm', {
      alarmName: `${stackName}-alarm-lines`,
      alarmDescription:
        'A function logged a line with the field alarm: find it in the log groups by { $.alarm = "*" }; ' +
        'its value says what is wrong.',
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  /** Counts such lines of a function's log. */
  watch(name: string, logGroup: ILogGroup): void {
    logGroup.addMetricFilter(`${constructId(name)}AlarmLines`, {
      filterPattern: FilterPattern.exists('$.alarm'),
      metricNamespace: Stack.of(this).stackName,
      metricName: METRIC,
    });
  }
}
