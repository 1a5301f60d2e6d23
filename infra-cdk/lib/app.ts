import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { readDeployment } from './deployment';
import { ObservabilityStack } from './observability-stack';
import { OutpourStack } from './outpour-stack';
import { ReleaseStack } from './release-stack';
import type { ServiceLevels } from './service-levels';
import type { Topology } from './topology';
import { WebAclStack } from './web-acl-stack';

/**
 * CDK feature flags that change what this app synthesises; set here so that every way to run it gives the
 * same bytes.
 */
const FLAGS = {
  '@aws-cdk/aws-apigateway:logGroupDestinationArnWithoutWildcard': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/core:annotationsInValidationReport': true,
  // What alarms watch may not be replaced under them unseen.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};

/** How the app is made. */
export interface AppProps {
  readonly topology: Topology;
  readonly levels: ServiceLevels;
  /** Folder of the cloud assembly. */
  readonly outdir: string;
  /** CDK context beside that which the CDK command line or `CDK_CONTEXT_JSON` gives. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * The app: the pipeline's stack, that of its releases, which is deployed before it, that of its alarms, which is
 * deployed behind it, and, where CloudFront is
 * wanted, that of its web access control list. Its synthesis fails on any finding of cdk-nag or of
 * CloudFormation's own checks that is not acknowledged at the resource it is about. Synthesis is pure: it
 * reads the topology, the service levels, the context and the bootstrap, and nothing else.
 *
 * @throws Error about the context, as `readDeployment`
 */
export function createApp({ topology, levels, outdir, context }: AppProps): App {
  const app = new App({ outdir, analyticsReporting: false, context: { ...FLAGS, ...context } });
  const deployment = readDeployment(app, topology);
  const { stackName, runbook, shift } = deployment;
  const release = new ReleaseStack(app, `${stackName}-release`, {
    pipeline: stackName,
    functions: Object.keys(topology.functions),
    levels,
    runbook,
    shift,
  });
  const pipeline = new OutpourStack(app, stackName, { topology, deployment });
  pipeline.addStackDependency(release);
  const { resources, functions, apiId } = pipeline;
  new ObservabilityStack(app, `${stackName}-observability`, {
    pipeline: stackName,
    levels,
    resources,
    functions,
    apiId,
    runbook,
    alarmEmail: deployment.alarmEmail,
  });
  if (deployment.hasWebAcl) {
    new WebAclStack(app, `${stackName}-web-acl`);
  }
  Validations.of(app).addPlugins(
    new AwsSolutionsChecks(app, { verbose: true }),
    new ServerlessChecks(app, { verbose: true }),
  );
  return app;
}
