import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  ComparisonOperator,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { constructId } from './names';
import type { Runbook } from './runbook';
import { PLACEHOLDERS } from './service-level-rules';
import type { MetricRead, Objective, Severity } from './service-levels';

/** What has alarms each, by kind: logical name to the physical name that AWS's metrics carry. */
export type Watched = Readonly<Record<NonNullable<Objective['for_each']>, ReadonlyMap<string, string>>>;

/** One alarm of an objective. */
export interface ObjectiveAlarm {
  /** The objective's name. */
  readonly name: string;
  readonly severity: Severity;
  readonly alarm: Alarm;
  /** Logical name of the resource, where each of its kind has such an alarm. */
  readonly resource?: string;
}

/** What alarms are built from. */
export interface ObjectiveAlarmsProps {
  readonly objectives: Readonly<Record<string, Objective>>;
  readonly watched: Watched;
  /** What `{stack}` stands for, and what every alarm's name begins with. */
  readonly stackName: string;
  readonly runbook: Runbook;
}

/** The alarms that the objectives ask for. */
export class ObjectiveAlarms extends Construct {
  readonly alarms: readonly ObjectiveAlarm[];

  constructor(scope: Construct, id: string, props: ObjectiveAlarmsProps) {
    super(scope, id);
    this.alarms = Object.entries(props.objectives).flatMap(([name, objective]) =>
      objectiveMetrics(objective, props.watched, props.stackName).map(({ resource, metric }) => ({
        name,
        severity: objective.severity,
        resource,
        alarm: this.add(name, resource, metric, objective, props),
      })),
    );
  }

  private add(
    name: string,
    resource: string | undefined,
    metric: Series,
    objective: Objective,
    { stackName, runbook }: ObjectiveAlarmsProps,
  ): Alarm {
    const isAbove = objective.breaches_when === 'above';
    return metric.createAlarm(this, constructId(name) + constructId(resource ?? ''), {
      alarmName: [stackName, name, ...(resource === undefined ? [] : [resource])].join('-'),
      alarmDescription: runbook.description(objective.runbook, `Promised: ${objective.objective}.`),
      threshold: objective.threshold,
      comparisonOperator: isAbove
        ? ComparisonOperator.GREATER_THAN_THRESHOLD
        : ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: objective.periods,
      treatMissingData:
        objective.missing_data === 'good' ? TreatMissingData.NOT_BREACHING : TreatMissingData.BREACHING,
    });
  }
}

/** What an alarm watches: a metric, or what is calculated from several. */
export type Series = Metric | MathExpression;

/** What an objective measures: one series, or one for each resource of its kind. */
export function objectiveMetrics(
  objective: Objective,
  watched: Watched,
  stackName: string,
): { readonly resource?: string; readonly metric: Series }[] {
  const { for_each: kind } = objective;
  if (kind === undefined) {
    return [{ metric: series(objective, new Map([['{stack}', stackName]])) }];
  }
  return [...watched[kind]].map(([resource, physical]) => ({
    resource,
    metric: series(
      objective,
      new Map([
        ['{stack}', stackName],
        [PLACEHOLDERS[kind], physical],
      ]),
    ),
  }));
}

function series(objective: Objective, names: ReadonlyMap<string, string>): Series {
  const period = Duration.seconds(objective.period_seconds);
  const metrics = Object.entries(objective.metrics).map(([id, spec]): [string, Metric] => [
    id,
    read(spec, names, period),
  ]);
  const [[, only] = []] = metrics;
  return objective.expression === undefined && only !== undefined
    ? only
    : new MathExpression({
        expression: objective.expression ?? '',
        usingMetrics: Object.fromEntries(metrics),
        period,
      });
}

function read(spec: MetricRead, names: ReadonlyMap<string, string>, period: Duration): Metric {
  const physical = (value: string) =>
    [...names].reduce((text, [placeholder, named]) => text.replaceAll(placeholder, named), value);
  return new Metric({
    namespace: spec.namespace,
    metricName: spec.name,
    dimensionsMap: Object.fromEntries(
      Object.entries(spec.dimensions).map(([key, value]) => [key, physical(value)]),
    ),
    statistic: spec.statistic,
    period,
  });
}
