import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { AlarmTopics } from './alarm-topics';
import { Dashboards } from './dashboards';
import { LogAlarms } from './log-alarms';
import { constructId, physicalName } from './names';
import { ObjectiveAlarms, type Watched } from './objective-alarms';
import type { PipelineFunction } from './pipeline-function';
import type { Resources } from './resources';
import { Runbook } from './runbook';
import type { ServiceLevels } from './service-levels';

/** What is watched, and how. */
export interface ObservabilityProps {
  /** Name of the pipeline's stack. */
  readonly pipeline: string;
  readonly levels: ServiceLevels;
  readonly resources: Resources;
  readonly functions: ReadonlyMap<string, PipelineFunction>;
  /** Id of the HTTP API. */
  readonly apiId: string;
  /** Where the runbook can be read. */
  readonly runbook: string;
  /** Who gets every alarm by e-mail. */
  readonly alarmEmail?: string;
}

/**
 * Alarms on all that is promised and on log lines, where they go, and the dashboards. It watches the pipeline and
 * stands behind it, so that a change of what is watched deploys nothing that donors are served by.
 */
export class ObservabilityStack extends Stack {
  constructor(scope: Construct, id: string, props: ObservabilityProps) {
    super(scope, id, { description: 'Outpour: alarms and dashboards' });
    const { pipeline, levels, functions } = props;
    const runbook = new Runbook(props.runbook);
    const watched = watchedResources(props);
    const topics = new AlarmTopics(this, 'Topics', props.alarmEmail);
    const objectives = Object.fromEntries(
      // The others are the release's own, and take a new version back rather than wake anybody.
      Object.entries(levels.objectives).filter(([, each]) => !each.stops_a_release),
    );
    const promised = new ObjectiveAlarms(this, 'Promised', { objectives, watched, stackName: pipeline, runbook });
    const logged = new LogAlarms(this, 'Logged', { pipeline, levels, runbook });
    for (const [name, made] of functions) {
      logged.watch(name, made.logGroup);
    }
    const alarms = [...promised.alarms, ...logged.alarms];
    for (const { severity, alarm } of alarms) {
      topics.announce(severity, alarm);
    }
    new Dashboards(this, 'Dashboards', {
      pipeline,
      levels,
      watched,
      alarms: alarms.map(({ alarm }) => alarm),
      logGroups: new Map([...functions].map(([name, { logGroup }]) => [name, logGroup])),
    });
    for (const [severity, value] of topics.arns) {
      const description = `Subscribe to it: ${severity} alarms`;
      new CfnOutput(this, `${constructId(severity)}AlarmsTopicArn`, { value, description });
    }
  }
}

function watchedResources({ pipeline, resources, functions, apiId }: ObservabilityProps): Watched {
  const named = (names: Iterable<string>) =>
    new Map([...names].map((name) => [name, physicalName(pipeline, name)]));
  return {
    queues: named(resources.queues.keys()),
    functions: named(functions.keys()),
    tables: new Map([...resources.tables].map(([name, { tableName }]) => [name, tableName])),
    topics: new Map([...resources.topics].map(([name, { topicName }]) => [name, topicName])),
    apis: new Map([['http', apiId]]),
  };
}
