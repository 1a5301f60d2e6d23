import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { createApp } from '../lib/app';
import { shippedServiceLevels } from '../lib/service-levels';
import { shippedTopology, type Topology } from '../lib/topology';

/** The package's folder, seen from the compiled `dist/test`. */
export const PACKAGE = join(__dirname, '..', '..');
/** Stands in for the built binary. */
export const PLACEHOLDER = join(PACKAGE, 'test', 'placeholder');

/** The properties of one resource in a template; CloudFormation gives them no narrower type. */
export type Properties = Record<string, any>;

/** A statement of a policy, with its lists made lists. */
export interface Statement {
  readonly effect: string;
  readonly actions: string[];
  readonly resources: string[];
  readonly principals: Properties | string | undefined;
  readonly conditions: Properties | undefined;
}

/** What one synthesis gave. */
export interface Synthesis {
  readonly app: App;
  readonly template: Template;
  /** How new versions take over. */
  readonly release: Template;
  /** Alarms and dashboards. */
  readonly observability: Template;
  /** CloudFront's web access control list, where the context asks for it. */
  readonly webAcl: Template | undefined;
  /** The assembly's manifest, which lists whatever would have to be looked up in an account. */
  readonly manifest: Properties;
}

/** Synthesises into a folder that is gone afterwards. */
export function synthesise(
  topology: Topology = shippedTopology(),
  context: Readonly<Record<string, string>> = { bootstrap: PLACEHOLDER },
): Synthesis {
  const outdir = mkdtempSync(join(tmpdir(), 'outpour-synth-'));
  const name = context.env === undefined ? 'outpour' : `outpour-${context.env}`;
  try {
    const app = createApp({ topology, levels: shippedServiceLevels(), outdir, context });
    const assembly = app.synth();
    const manifest = JSON.parse(readFileSync(join(outdir, 'manifest.json'), 'utf8'));
    const ended = (ending: string) => {
      const stack = assembly.stacks.find(({ stackName }) => stackName === name + ending);
      return stack && new Template(stack.template);
    };
    const [template, release, observability] = [ended(''), ended('-release'), ended('-observability')];
    if (template === undefined || release === undefined || observability === undefined) {
      throw new Error(`the assembly lacks a stack: ${assembly.stacks.map(({ stackName }) => stackName)}`);
    }
    return { app, manifest, template, release, observability, webAcl: ended('-web-acl') };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** A synthesised template, and what tests ask of it. */
export class Template {
  constructor(
    readonly json: { Resources: Record<string, { Type: string; Properties: Properties }> } & Properties,
  ) {}

  /** The resources of a type, by logical id. */
  ofType(type: string): Map<string, Properties> {
    return new Map(
      Object.entries(this.json.Resources)
        .filter(([, resource]) => resource.Type === type)
        .map(([id, resource]) => [id, resource.Properties]),
    );
  }

  /** The functions, by handler name. */
  functions(): Map<string, Properties> {
    return new Map(
      [...this.ofType('AWS::Lambda::Function').values()].map((each) => [each.Handler as string, each]),
    );
  }

  /** The handler name of the function whose live version a value refers to; other versions fail. */
  functionReferredTo(value: unknown): string {
    // An event source mapping takes the alias's ARN apart, and puts its name together again.
    const named = [...JSON.stringify(value).matchAll(/\{"Ref":"([^"]+)"\}/g)].map(([, id = '']) => id);
    const alias = this.json.Resources[named[0] ?? ''];
    if (named.length !== 1 || alias?.Type !== 'AWS::Lambda::Alias' || alias.Properties.Name !== 'live') {
      throw new Error(`${render(value)} is not the live version of a function`);
    }
    return this.json.Resources[logicalId(alias.Properties.FunctionName)]?.Properties.Handler;
  }

  /** The alarms, by name. */
  alarms(): Map<string, Properties> {
    return new Map(
      [...this.ofType('AWS::CloudWatch::Alarm').values()].map((each) => [each.AlarmName as string, each]),
    );
  }

  /** The resource whose short name is given: `DonationsTable`. */
  named(type: string, name: string): Properties {
    const found = [...this.ofType(type)].filter(([id]) => short(id) === name);
    if (found.length !== 1 || found[0] === undefined) {
      throw new Error(`the template has ${found.length} ${type} named ${name}`);
    }
    return found[0][1];
  }

  /** The statements of the policies attached to the role that a function runs as. */
  statementsOf(name: string): Statement[] {
    const role = logicalId(this.functions().get(name)?.Role);
    return [...this.ofType('AWS::IAM::Policy').values()]
      .filter((policy) => policy.Roles.some((each: unknown) => logicalId(each) === role))
      .flatMap((policy) => statements(policy.PolicyDocument));
  }
}

/** The statements of a policy document. */
export function statements(document: Properties): Statement[] {
  return document.Statement.map((each: Properties) => ({
    effect: each.Effect,
    actions: list(each.Action),
    resources: list(each.Resource).map(render),
    principals: each.Principal,
    conditions: each.Condition,
  }));
}

/** A list from what CloudFormation writes as one value or many. */
export function list<T>(value: T | T[]): T[] {
  return Array.isArray(value) ? value : [value];
}

/** The logical id that a `Ref` or an `Fn::GetAtt` names, or the empty string. */
export function logicalId(value: unknown): string {
  const { Ref: ref, 'Fn::GetAtt': attribute } = (value ?? {}) as Properties;
  return ref ?? attribute?.[0] ?? '';
}

/** A logical id without the hash at its end. */
export function short(id: string): string {
  return id.replace(/[0-9A-F]{8}$/, '');
}

/** A value of a template as a line of text: references by short name, joins joined. */
export function render(value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    return String(value);
  }
  if (Array.isArray(value)) {
    return value.map(render).join(', ');
  }
  const { Ref: ref, 'Fn::GetAtt': attribute, 'Fn::Join': join } = value as Properties;
  if (ref !== undefined) {
    return ref.startsWith('AWS::') ? `<${ref.slice('AWS::'.length)}>` : short(ref);
  }
  if (attribute !== undefined) {
    // A secret's ARN is its attribute Id.
    return ['Arn', 'Id'].includes(attribute[1]) ? short(attribute[0]) : `${short(attribute[0])}.${attribute[1]}`;
  }
  return join === undefined ? JSON.stringify(value) : (join[1] as unknown[]).map(render).join(join[0]);
}
