import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Cdn } from './cdn';
import type { Deployment } from './deployment';
import { HttpFront } from './http-front';
import { constructId } from './names';
import { grantKeyUse } from './permissions';
import { PipelineFunction } from './pipeline-function';
import { createResources, environmentValues, type Resources } from './resources';
import type { Topology } from './topology';

/** What the pipeline is built from. */
export interface OutpourStackProps {
  readonly topology: Topology;
  readonly deployment: Deployment;
}

/**
 * The whole pipeline, as the topology describes it: what holds data, the functions and what feeds them, the
 * HTTP API before them.
 *
 * It is one stack, so that one change of it comes whole or not at all, and one template can be put on any
 * engine. Data is kept by what is said at each resource that holds it, not by a stack that nobody touches.
 */
export class OutpourStack extends Stack {
  readonly resources: Resources;
  readonly functions: ReadonlyMap<string, PipelineFunction>;
  readonly apiId: string;

  constructor(scope: Construct, id: string, { topology, deployment }: OutpourStackProps) {
    super(scope, id, { description: 'Outpour: donations taken while a broadcast is on air' });
    const { edge } = deployment;
    const resources = createResources(this, topology, deployment);
    const front = new HttpFront(this, 'Http', id, edge);
    const values = environmentValues(topology, resources, {
      // Donors cannot reach the default, which is a loopback address.
      PUBLIC_URL: front.url,
      // Where CloudFront alone reaches the API, the connection is CloudFront's own.
      ...(edge.cdn === undefined ? {} : { SOURCE_ADDRESS: 'cloudfront-viewer-address' }),
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
    for (const [name, made] of functions) {
      front.route(name, made, topology.functions[name]?.http ?? []);
    }
    this.shareKeys(topology, resources, functions);
    this.addOutputs(front, resources);
    this.addCdn(topology, deployment, front);
    this.resources = resources;
    this.functions = functions;
    this.apiId = front.api.apiId;
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

  private addCdn(topology: Topology, { edge }: Deployment, front: HttpFront): void {
    if (front.domain === undefined || edge.domain === undefined) {
      return;
    }
    const { regionalDomainName } = front.domain;
    this.output('DomainTarget', regionalDomainName, 'What the DNS record of the domain points to');
    if (edge.cdn === undefined) {
      return;
    }
    const cdn = new Cdn(this, 'Cdn', {
      choices: edge.cdn,
      domainName: edge.domain.name,
      api: front.domain,
      paths: Object.values(topology.functions).flatMap(({ http }) => http.map(({ path }) => path)),
    });
    this.output(
      'CdnTarget',
      cdn.distribution.distributionDomainName,
      'What the DNS record of the domain points to instead',
    );
    this.output('PagesBucket', cdn.pages.bucketName, 'Where the static pages are put');
  }

  /** What an operator needs to know: where the API is, and which secrets want a value. */
  private addOutputs(front: HttpFront, resources: Resources): void {
    this.output('HttpUrl', front.url, 'Where the HTTP API answers');
    for (const [name, secret] of resources.secrets) {
      const description = `Secret ${name}: put its value in before the first donation`;
      this.output(`${constructId(name)}SecretArn`, secret.attrId, description);
    }
  }

  private output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}
