import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import { type Context, oneOf, optionalText, refuseUnknown, text, wholeNumber } from './context';
import { type EdgeChoices, EDGE_KEYS, readEdge } from './edge-choices';
import { SHIFTS } from './release-stack';
import type { Topology } from './topology';

/** What a table bears at once: units a second. */
export interface WarmThroughput {
  readonly writes: number;
  readonly reads: number;
}

/** Whether data outlives the stack: `data` keeps it, `nothing` is for a preview that is torn down again. */
export type Keeping = 'data' | 'nothing';

/** What a deployment decides for itself; all else stands in the topology and the service levels. */
export interface Deployment {
  /** Name of the pipeline's stack, which every physical name begins with. */
  readonly stackName: string;
  /** Absolute path of the folder or zip that holds the built binary `bootstrap`. */
  readonly bootstrap: string;
  /** What `bootstrap` was built for. */
  readonly architecture: Architecture;
  readonly keeping: Keeping;
  /** How new versions take over. */
  readonly shift: keyof typeof SHIFTS;
  /** By table; a table that is absent starts as AWS has it start. */
  readonly warmThroughput: ReadonlyMap<string, WarmThroughput>;
  readonly edge: EdgeChoices;
  /** Whether the stack of CloudFront's web access control list is built too. */
  readonly hasWebAcl: boolean;
  /** Where `RUNBOOK.md` can be read: a path or a URL. */
  readonly runbook: string;
  /** Who gets every alarm by e-mail. */
  readonly alarmEmail?: string;
  /**
   * Settings that the deployment gives, by environment key; the topology's defaults hold for the others.
   */
  readonly settings: Readonly<Record<string, string>>;
}

const ARCHITECTURES = { arm64: Architecture.ARM_64, x86_64: Architecture.X86_64 } as const;
/** What a preview is called: no other environment may keep nothing. `cargo xtask deploy` goes by it too. */
const PREVIEW = /^preview(-|$)/;
const KEEPINGS = { data: 'data', nothing: 'nothing' } as const;

/** DynamoDB's bounds: a new on-demand table bears so much anyway. */
const WARM_WRITES_MIN = 4_000;
const WARM_READS_MIN = 12_000;

/** Every context key of this app's own. Others are CDK's, or settings of the topology, in capitals. */
const KEYS = [
  'alarm_email',
  'architecture',
  'bootstrap',
  'env',
  'keep',
  'release',
  'runbook',
  'warm_throughput',
  'web_acl_stack',
  ...EDGE_KEYS,
];

/**
 * Reads the deployment from the CDK context: `bootstrap`, and optionally what `README.md` lists, and any
 * setting of the topology by its environment key. Relative paths start where synth runs.
 *
 * @throws Error that names the context key and the rule it breaks
 */
export function readDeployment(app: App, topology: Topology): Deployment {
  const context: Context = app.node.getAllContext();
  refuseUnknown(context, KEYS);
  const architecture = ARCHITECTURES[oneOf(context, 'architecture', ARCHITECTURES, 'arm64')];
  const env = optionalText(context, 'env', /^[a-z][a-z0-9-]{0,19}$/, 'lower-case letters, digits, hyphens');
  const keeping = oneOf(context, 'keep', KEEPINGS, 'data');
  if (keeping === 'nothing' && !PREVIEW.test(env ?? '')) {
    throw new Error('context keep: nothing is for an env that is preview, or begins with preview-');
  }
  return {
    stackName: env === undefined ? 'outpour' : `outpour-${env}`,
    bootstrap: readBootstrap(context.bootstrap),
    architecture,
    keeping,
    shift: oneOf(context, 'release', SHIFTS, 'gradual'),
    warmThroughput: readWarmThroughput(context, topology),
    edge: readEdge(context),
    hasWebAcl: oneOf(context, 'web_acl_stack', { yes: true, no: false }, 'no') === 'yes',
    runbook: optionalText(context, 'runbook', /^[^\s#]+$/, 'a path or URL') ?? 'RUNBOOK.md',
    alarmEmail: optionalText(context, 'alarm_email', /^\S+@\S+$/, 'an e-mail address'),
    settings: readSettings(context, topology),
  };
}

function readBootstrap(given: unknown): string {
  if (typeof given !== 'string' || given === '') {
    throw new Error(
      'context bootstrap: must be the folder or zip that holds the built binary `bootstrap`, as in\n' +
        `  CDK_CONTEXT_JSON='{"bootstrap":"FOLDER"}' npm run synth\n` +
        '  cdk deploy -c bootstrap=FOLDER',
    );
  }
  const path = resolve(given);
  if (!existsSync(path)) {
    throw new Error(`context bootstrap: ${given} does not exist`);
  }
  if (statSync(path).isDirectory() ? !existsSync(join(path, 'bootstrap')) : !path.endsWith('.zip')) {
    throw new Error(
      `context bootstrap: ${given} must be a zip, or a folder with the file \`bootstrap\` in it`,
    );
  }
  return path;
}

/** Reads `donations=8000/16000,limits=12000/24000`: writes and reads a second, by table. */
function readWarmThroughput(context: Context, topology: Topology): Map<string, WarmThroughput> {
  const key = 'warm_throughput';
  const shape = /^[a-z-]+=\d+\/\d+(,[a-z-]+=\d+\/\d+)*$/;
  const given = optionalText(context, key, shape, 'TABLE=WRITES/READS, separated by commas');
  return new Map(
    (given?.split(',') ?? []).map((each) => {
      const [, table = '', writes, reads] = /^(.*)=(.*)\/(.*)$/.exec(each) ?? [];
      if (!Object.hasOwn(topology.tables, table)) {
        throw new Error(`context ${key}: ${table} is not among the topology's tables`);
      }
      return [
        table,
        {
          writes: wholeNumber(key, writes, WARM_WRITES_MIN),
          reads: wholeNumber(key, reads, WARM_READS_MIN),
        },
      ];
    }),
  );
}

/**
 * Context keys in capitals are settings; one that the topology lacks is a misspelling, which must not
 * pass unseen.
 */
function readSettings(context: Context, topology: Topology): Record<string, string> {
  const given = Object.keys(context).filter((key) => /^[A-Z][A-Z0-9_]*$/.test(key));
  return Object.fromEntries(
    given.map((key) => {
      if (!Object.hasOwn(topology.settings, key)) {
        throw new Error(`context ${key}: is not among the topology's settings`);
      }
      return [key, text(context, key)];
    }),
  );
}
