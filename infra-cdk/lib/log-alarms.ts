import { Duration } from 'aws-cdk-lib';
import { type Alarm, ComparisonOperator, Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { constructId } from './names';
import type { Runbook } from './runbook';
import type { ServiceLevels, Severity } from './service-levels';

const METRIC = 'AlarmLines';
/** The field of a log line that raises an alarm, and the dimension that its value becomes. */
const FIELD = 'alarm';

/** What these alarms are built from. */
export interface LogAlarmsProps {
  /** Name of the pipeline's stack, which every alarm's name begins with. */
  readonly pipeline: string;
  readonly levels: ServiceLevels;
  readonly runbook: Runbook;
}

/**
 * An alarm for each value of the log field `alarm`, whichever function wrote it: a provider that fails or
 * turns calls away, screening that cannot be done, work for a person.
 */
export class LogAlarms extends Construct {
  readonly alarms: readonly { readonly name: string; readonly severity: Severity; readonly alarm: Alarm }[];

  private readonly namespace: string;

  constructor(scope: Construct, id: string, { pipeline, levels, runbook }: LogAlarmsProps) {
    super(scope, id);
    this.namespace = pipeline;
    this.alarms = Object.entries(levels.log_alarms).map(([name, { severity, runbook: heading }]) => ({
      name,
      severity,
      alarm: new Metric({
        namespace: pipeline,
        metricName: METRIC,
        dimensionsMap: { [FIELD]: name },
        statistic: 'Sum',
        period: Duration.minutes(1),
      }).createAlarm(this, constructId(name), {
        alarmName: `${pipeline}-${name}`,
        alarmDescription: runbook.description(heading, `A log line says alarm = "${name}".`),
        threshold: 0,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      }),
    }));
  }

  /** Counts such lines of a function's log, by the field's value. */
  watch(name: string, logGroup: ILogGroup): void {
    logGroup.addMetricFilter(`${constructId(name)}AlarmLines`, {
      filterPattern: FilterPattern.exists(`$.${FIELD}`),
      metricNamespace: this.namespace,
      metricName: METRIC,
      dimensions: { [FIELD]: `$.${FIELD}` },
    });
  }
}
