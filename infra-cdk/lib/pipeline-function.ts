import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Code, EventSourceMapping, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Deployment } from './deployment';
import { grantActions } from './permissions';
import { required, type Resources } from './resources';
import type { FunctionSpec, Topology } from './topology';

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
  readonly function: Function;
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
    this.function = new Function(this, 'Function', {
      functionName: `${Stack.of(this).stackName}-${name}`,
      runtime: Runtime.PROVIDED_AL2023,
      architecture: deployment.architecture,
      handler: name,
      code: Code.fromAsset(deployment.bootstrap),
      timeout: Duration.seconds(spec.timeout_seconds),
      memorySize: spec.memory_mb,
      environment: Object.fromEntries(spec.environment.map((key) => [key, required(props.values, key)])),
      role: this.role,
      logGroup: this.logGroup,
      reservedConcurrentExecutions: spec.concurrency_max,
    });
    this.addQueue(props);
    this.addSchedule(name, spec);
  }

  private addQueue({ spec, resources }: PipelineFunctionProps): void {
    if (spec.queue === undefined) {
      return;
    }
    new EventSourceMapping(this, 'Messages', {
      target: this.function,
      eventSourceArn: required(resources.queues, spec.queue.name).queue.queueArn,
      batchSize: spec.queue.batch_size,
      maxBatchingWindow: Duration.seconds(spec.queue.batch_window_seconds),
      maxConcurrency: spec.queue.concurrency_max,
      // Without this, Lambda ignores the list of failures and deletes every message of the batch.
      reportBatchItemFailures: true,
    });
  }

  private addSchedule(name: string, spec: FunctionSpec): void {
    if (spec.schedule === undefined) {
      return;
    }
    const every = Duration.seconds(spec.schedule.every_seconds);
    // A run that failed or came late is not repeated: the next one reads the same state anew.
    this.function.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: every });
    new Rule(this, 'Schedule', {
      schedule: Schedule.rate(every),
      targets: [new LambdaFunction(this.function, { retryAttempts: 0, maxEventAge: every })],
    });
    this.function.metricErrors({ period: every }).createAlarm(this, 'FailureAlarm', {
      alarmName: `${Stack.of(this).stackName}-${name}-failures`,
      alarmDescription: `Two runs of ${name} in a row failed: its log says why.`,
      threshold: 0,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
