import { App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readDeployment } from './deployment';
import { OutpourStack } from './outpour-stack';
import type { Topology } from './topology';

/**
 * CDK feature flags that change what this app synthesises; set here so that every way to run it gives the
 * same bytes.
 */
const FLAGS = {
  '@aws-cdk/aws-apigateway:logGroupDestinationArnWithoutWildcard': true,
  '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': true,
  '@aws-cdk/core:annotationsInValidationReport': true,
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/core:validateAgainstDefaultRules': true,
};

/** How the app is made. */
export interface AppProps {
  readonly topology: Topology;
  /** Folder of the cloud assembly. */
  readonly outdir: string;
  /** CDK context beside that which the CDK command line or `CDK_CONTEXT_JSON` gives. */
  readonly context?: Readonly<Record<string, string>>;
}

/**
 * The app, whose synthesis fails on any finding of cdk-nag or of CloudFormation's own checks that is not
 * acknowledged at the resource it is about. Synthesis is pure: it reads the topology, the context and the
 * bootstrap, and nothing else.
 *
 * @throws Error about the context, as `readDeployment`
 */
export function createApp({ topology, outdir, context }: AppProps): App {
  const app = new App({ outdir, analyticsReporting: false, context: { ...FLAGS, ...context } });
  new OutpourStack(app, 'outpour', topology, readDeployment(app, topology));
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app, { verbose: true }));
  return app;
}
