import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  Alias,
  ApplicationLogLevel,
  type CfnAlias,
  Code,
  EventSourceMapping,
  Function,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from './deployment';
import { LIVE, physicalName } from './names';
import { grantActions } from './permissions';
import { required, type Resources } from './resources';
import type { FunctionSpec, Topology } from './topology';
import { acknowledgeTrigger } from './triggers';

/**
 * Logs hold ids and outcomes and no donors' data; thirteen months let one year's campaign be set beside
 * the last.
 */
export const LOG_RETENTION = RetentionDays.THIRTEEN_MONTHS;

/** What a function is built from. */
export interface PipelineFunctionProps {
  /** Logical name, which is also the handler name by which the shared binary picks its function. */
  readonly name: string;
  readonly spec: FunctionSpec;
  readonly topology: Topology;
  readonly resources: Resources;
  readonly deployment: Deployment;
  /** Value of every environment key that the topology carries. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * One function with a role and a log group of its own, and its queue or schedule. HTTP routes are added
 * by the API.
 */
export class PipelineFunction extends Construct {
  /** The version that is live. All callers call it, so that a new one can take over gradually. */
  readonly live: Alias;
  readonly role: Role;
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, props: PipelineFunctionProps) {
    super(scope, id);
    const { name, spec, deployment } = props;
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    this.logGroup = new LogGroup(this, 'Logs', {
      retention: LOG_RETENTION,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    this.logGroup.grantWrite(this.role);
    grantActions({ ...props, role: this.role });
    const made = new Function(this, 'Function', {
      functionName: physicalName(Stack.of(this).stackName, name),
      runtime: Runtime.PROVIDED_AL2023,
      architecture: deployment.architecture,
      handler: name,
      code: Code.fromAsset(deployment.bootstrap),
      timeout: Duration.seconds(spec.timeout_seconds),
      memorySize: spec.memory_mb,
      environment: Object.fromEntries(spec.environment.map((key) => [key, required(props.values, key)])),
      role: this.role,
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      applicationLogLevelV2: ApplicationLogLevel.INFO,
      // Lambda's own three lines for each call would be most of what is paid for.
      systemLogLevelV2: SystemLogLevel.WARN,
      reservedConcurrentExecutions: spec.concurrency_max,
      // The version before is what a release goes back to.
      currentVersionOptions: { removalPolicy: RemovalPolicy.RETAIN },
    });
    this.live = new Alias(this, 'Live', { aliasName: LIVE, version: made.currentVersion });
    this.shiftGradually(name);
    this.addQueue(props);
    this.addSchedule(spec);
    acknowledgeTrigger(this, name, spec);
  }

  /** Has CodeDeploy move the alias to a new version: the release stack's own, by their names. */
  private shiftGradually(name: string): void {
    const { stackName } = Stack.of(this);
    (this.live.node.defaultChild as CfnAlias).cfnOptions.updatePolicy = {
      codeDeployLambdaAliasUpdate: {
        applicationName: stackName,
        deploymentGroupName: physicalName(stackName, name),
      },
    };
  }

  private addQueue({ spec, resources }: PipelineFunctionProps): void {
    if (spec.queue === undefined) {
      return;
    }
    new EventSourceMapping(this, 'Messages', {
      target: this.live,
      eventSourceArn: required(resources.queues, spec.queue.name).queue.queueArn,
      batchSize: spec.queue.batch_size,
      maxBatchingWindow: Duration.seconds(spec.queue.batch_window_seconds),
      maxConcurrency: spec.queue.concurrency_max,
      // Without this, Lambda ignores the list of failures and deletes every message of the batch.
      reportBatchItemFailures: true,
    });
  }

  private addSchedule(spec: FunctionSpec): void {
    if (spec.schedule === undefined) {
      return;
    }
    const every = Duration.seconds(spec.schedule.every_seconds);
    // A run that failed or came late is not repeated: the next one reads the same state anew.
    this.live.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    new Rule(this, 'Schedule', {
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(this.live, { retryAttempts: 0, maxEventAge: every })],
    });
  }
}
