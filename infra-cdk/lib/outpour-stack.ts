import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Deployment } from './deployment';
import { HttpFront } from './http-front';
import { LogAlarm } from './log-alarm';
import { constructId } from './names';
import { grantKeyUse } from './permissions';
import { PipelineFunction } from './pipeline-function';
import { createResources, environmentValues, type Resources } from './resources';
import type { Topology } from './topology';

/** The whole pipeline, as the topology describes it. */
export class OutpourStack extends Stack {
  constructor(scope: Construct, id: string, topology: Topology, deployment: Deployment) {
    super(scope, id, { description: 'Outpour: donations taken while a broadcast is on air' });
    const resources = createResources(this, topology);
    const front = new HttpFront(this, 'Http', id);
    const values = environmentValues(topology, resources, {
      // Donors cannot reach the default, which is a loopback address.
      PUBLIC_URL: front.url,
      ...deployment.settings,
    });
    const functions = new Map(
      Object.entries(topology.functions).map(([name, spec]) => [
        name,
        new PipelineFunction(this, constructId(name), {
          name,
          spec,
          topology,
          resources,
          deployment,
          values,
        }),
      ]),
    );
    const logAlarm = new LogAlarm(this, 'LogAlarm');
    for (const [name, made] of functions) {
      logAlarm.watch(name, made.logGroup);
      front.route(name, made, topology.functions[name]?.http ?? []);
    }
    this.shareKeys(topology, resources, functions);
    this.addOutputs(front, resources);
  }

  private shareKeys(
    topology: Topology,
    resources: Resources,
    functions: ReadonlyMap<string, PipelineFunction>,
  ): void {
    for (const [name, table] of resources.tables) {
      const readers = [...functions].filter(([reader]) => {
        return Object.hasOwn(topology.functions[reader]?.actions ?? {}, `table:${name}`);
      });
      grantKeyUse(
        table,
        readers.map(([, { role }]) => role),
      );
    }
  }

  /** What an operator needs to know: where the API is, and which secrets want a value. */
  private addOutputs(front: HttpFront, resources: Resources): void {
    new CfnOutput(this, 'HttpUrl', { value: front.url, description: 'Where the HTTP API answers' });
    for (const [name, secret] of resources.secrets) {
      new CfnOutput(this, `${constructId(name)}SecretArn`, {
        value: secret.ref,
        description: `Secret ${name}: put its value in before the first donation`,
      });
    }
  }
}
