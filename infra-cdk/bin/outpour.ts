/** Synthesises the stacks into `CDK_OUTDIR`, which the CDK command line sets, or else into `cdk.out`. */
import { createApp } from '../lib/app';
import { shippedServiceLevels } from '../lib/service-levels';
import { shippedTopology } from '../lib/topology';

try {
  createApp({
    topology: shippedTopology(),
    levels: shippedServiceLevels(),
    outdir: process.env.CDK_OUTDIR ?? 'cdk.out',
  }).synth();
} catch (error) {
  // What is wrong is said by the message; where in this program it was noticed helps nobody to put it
  // right.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
