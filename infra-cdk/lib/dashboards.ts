import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { objectiveMetrics, type Watched } from './objective-alarms';
import type { Objective, ServiceLevels } from './service-levels';

const HALF = 12;
const WHOLE = 24;
const MINUTE = Duration.minutes(1);

/** What the dashboards are drawn from. */
export interface DashboardsProps {
  /** Name of the pipeline's stack, which the dashboards' names begin with. */
  readonly pipeline: string;
  readonly levels: ServiceLevels;
  readonly watched: Watched;
  readonly alarms: readonly IAlarm[];
  /** The log groups of the functions, by logical name. */
  readonly logGroups: ReadonlyMap<string, ILogGroup>;
}

/**
 * Two dashboards: what was given and what became of it, and how the machinery runs. Every objective is drawn
 * on the one it names, with its threshold.
 */
export class Dashboards extends Construct {
  private readonly namespace: string;

  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    this.namespace = props.levels.namespace;
    const { pipeline } = props;
    this.draw('Business', `${pipeline}-business`, [
      this.donations(),
      this.money(props.levels),
      this.appeals(props),
      ...drawn('business', props),
    ]);
    this.draw('System', `${pipeline}-system`, [
      new AlarmStatusWidget({ title: 'Alarms', alarms: [...props.alarms], width: WHOLE, height: 6 }),
      this.latency(),
      this.providers(),
      this.parked(),
      ...drawn('system', props),
    ]);
  }

  private draw(id: string, dashboardName: string, widgets: IWidget[]): void {
    new Dashboard(this, id, { dashboardName, defaultInterval: Duration.hours(3) }).addWidgets(...widgets);
  }

  private donations(): IWidget {
    const names = ['AcceptedDonations', 'PaymentsCaptured', 'PaymentsDeclined', 'PaymentsUnknown'];
    return new GraphWidget({
      title: 'Donations a minute: accepted, and what became of their payments',
      left: names.map((name) => this.ours(name, 'Sum')),
      width: HALF,
    });
  }

  /** Each currency in its minor units, since not every currency has a hundred; pounds beside them. */
  private money(levels: ServiceLevels): IWidget {
    const metric = 'CapturedMinorUnits';
    const dimensions = levels.metrics[metric]?.dimensions.join() ?? '';
    const pounds = new MathExpression({
      expression: 'pence / 100',
      usingMetrics: { pence: this.ours(metric, 'Sum', { currency: 'GBP' }) },
      period: MINUTE,
      label: 'pounds',
    });
    const all = this.search(metric, dimensions, 'Sum');
    return new GraphWidget({
      title: 'Money captured a minute: pounds, and every currency in minor units',
      left: [pounds],
      right: [all],
      width: HALF,
    });
  }

  /** The appeal is a property of lines and no dimension: of those there may be many, each paid for. */
  private appeals({ levels, logGroups }: DashboardsProps): IWidget {
    const emitting = levels.metrics.CapturedMinorUnits?.emitted_by ?? [];
    return new LogQueryWidget({
      title: 'Captured by appeal, in minor units',
      logGroupNames: emitting.flatMap((name) => logGroups.get(name)?.logGroupName ?? []),
      queryLines: [
        'filter ispresent(CapturedMinorUnits)',
        'stats sum(CapturedMinorUnits) as minor_units, count(*) as gifts by appeal, currency',
        'sort minor_units desc',
        'limit 50',
      ],
      view: LogQueryVisualizationType.TABLE,
      width: WHOLE,
    });
  }

  private latency(): IWidget {
    return new GraphWidget({
      title: 'Milliseconds until a donation is answered',
      left: ['p50', 'p90', 'p99'].map((statistic) => this.ours('AcceptMillis', statistic)),
      width: HALF,
    });
  }

  private providers(): IWidget {
    return this.searched('Milliseconds of providers’ calls', 'ProviderMillis', 'provider', 'p95');
  }

  private parked(): IWidget {
    return this.searched('Messages parked with a reason, by queue', 'ParkedMessages', 'queue', 'Sum');
  }

  private searched(title: string, metric: string, dimension: string, statistic: string): IWidget {
    return new GraphWidget({
      title,
      left: [this.search(metric, dimension, statistic)],
      width: HALF,
    });
  }

  /** The metric for every value of its dimension. */
  private search(metric: string, dimension: string, statistic: string): MathExpression {
    const found = `{${this.namespace},${dimension}} MetricName="${metric}"`;
    return new MathExpression({
      expression: `SEARCH('${found}', '${statistic}', 60)`,
      period: MINUTE,
      label: '',
    });
  }

  private ours(metricName: string, statistic: string, dimensionsMap?: Record<string, string>): Metric {
    const label = statistic === 'Sum' ? metricName : `${metricName} ${statistic}`;
    return new Metric({
      namespace: this.namespace,
      metricName,
      statistic,
      period: MINUTE,
      dimensionsMap,
      label,
    });
  }
}

function drawn(dashboard: Objective['dashboard'], props: DashboardsProps): IWidget[] {
  return Object.values(props.levels.objectives)
    .filter((each) => each.dashboard === dashboard)
    .map(
      (objective) =>
        new GraphWidget({
          title: `${objective.runbook}: promised, ${objective.objective}`,
          left: objectiveMetrics(objective, props.watched, props.pipeline).map(({ resource, metric }) =>
            resource === undefined ? metric : metric.with({ label: resource }),
          ),
          leftAnnotations: [{ value: objective.threshold, label: 'promised', color: Color.RED }],
          width: HALF,
        }),
    );
}
