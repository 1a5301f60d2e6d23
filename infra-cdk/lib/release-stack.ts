import { Stack } from 'aws-cdk-lib';
import { CfnApplication, CfnDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { constructId, LIVE, physicalName } from './names';
import { ObjectiveAlarms } from './objective-alarms';
import { Runbook } from './runbook';
import type { ServiceLevels } from './service-levels';

/** How a new version of a function takes over: CodeDeploy's predefined configurations. */
export const SHIFTS = {
  /** One call in ten for five minutes, then all. */
  gradual: 'CodeDeployDefault.LambdaCanary10Percent5Minutes',
  /** At once, for a mend that cannot wait. */
  'at-once': 'CodeDeployDefault.LambdaAllAtOnce',
} as const;

/** What decides how new versions take over. */
export interface ReleaseStackProps {
  /** Name of the stack whose functions these are. */
  readonly pipeline: string;
  /** Logical names of the functions. */
  readonly functions: readonly string[];
  readonly levels: ServiceLevels;
  readonly runbook: string;
  readonly shift: keyof typeof SHIFTS;
}

/**
 * How new versions take over from old ones: gradually, and back again when they fail. It knows the functions
 * by their names alone, so it stands before the pipeline does, and outlives a failed deployment of it.
 */
export class ReleaseStack extends Stack {
  constructor(scope: Construct, id: string, props: ReleaseStackProps) {
    super(scope, id, { description: 'Outpour: how new versions of its functions take over' });
    const { pipeline, functions } = props;
    const application = new CfnApplication(this, 'Application', {
      applicationName: pipeline,
      computePlatform: 'Lambda',
    });
    const stopping = new ObjectiveAlarms(this, 'Stopping', {
      objectives: Object.fromEntries(
        Object.entries(props.levels.objectives).filter(([, each]) => each.stops_a_release),
      ),
      watched: watchedFunctions(pipeline, functions),
      stackName: pipeline,
      runbook: new Runbook(props.runbook),
    });
    const role = this.role(props, [...stopping.alarms.map(({ alarm }) => alarm.alarmArn)]);
    for (const name of functions) {
      const alarms = stopping.alarms.filter(({ resource }) => resource === name);
      new CfnDeploymentGroup(this, constructId(name), {
        applicationName: application.ref,
        deploymentGroupName: physicalName(pipeline, name),
        serviceRoleArn: role.roleArn,
        deploymentConfigName: SHIFTS[props.shift],
        deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
        alarmConfiguration: {
          enabled: true,
          alarms: alarms.map(({ alarm }) => ({ name: alarm.alarmName })),
          // What cannot be seen is not taken for well.
          ignorePollAlarmFailure: false,
        },
        autoRollbackConfiguration: {
          enabled: true,
          events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
        },
      });
    }
  }

  /** CodeDeploy moves these aliases and reads these alarms; AWS's own policy would let it do so to all. */
  private role({ pipeline, functions }: ReleaseStackProps, alarmArns: string[]): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('codedeploy.amazonaws.com') });
    const aliases = functions.flatMap((name) => {
      const resource = `function:${physicalName(pipeline, name)}`;
      const arn = this.formatArn({ service: 'lambda', resource });
      // Lambda checks some of these actions against the function, others against its alias.
      return [arn, `${arn}:${LIVE}`];
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
        resources: aliases,
      }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: alarmArns }));
    return role;
  }
}

function watchedFunctions(pipeline: string, functions: readonly string[]) {
  const none = new Map<string, string>();
  return {
    functions: new Map(functions.map((name) => [name, physicalName(pipeline, name)])),
    queues: none,
    topics: none,
    tables: none,
    apis: none,
  };
}
