import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { Architecture } from 'aws-cdk-lib/aws-lambda';
import type { Topology } from './topology';

/** What a deployment decides for itself; all else stands in the topology. */
export interface Deployment {
  /** Absolute path of the folder or zip that holds the built binary `bootstrap`. */
  readonly bootstrap: string;
  /** What `bootstrap` was built for. */
  readonly architecture: Architecture;
  /**
   * Settings that the deployment gives, by environment key; the topology's defaults hold for the others.
   */
  readonly settings: Readonly<Record<string, string>>;
}

const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  arm64: Architecture.ARM_64,
  x86_64: Architecture.X86_64,
};

/**
 * Reads the deployment from the CDK context: `bootstrap`, optionally `architecture` (`arm64`, the
 * default, or `x86_64`), and any setting of the topology by its environment key. Relative paths start
 * where synth runs.
 *
 * @throws Error that names the context key and the rule it breaks
 */
export function readDeployment(app: App, topology: Topology): Deployment {
  const context: Record<string, unknown> = app.node.getAllContext();
  const architecture = ARCHITECTURES[String(context.architecture ?? 'arm64')];
  if (architecture === undefined) {
    throw new Error(`context architecture: must be one of ${Object.keys(ARCHITECTURES).join(', ')}`);
  }
  return {
    bootstrap: readBootstrap(context.bootstrap),
    architecture,
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

/**
 * Context keys in capitals are settings; one that the topology lacks is a misspelling, which must not
 * pass unseen.
 */
function readSettings(context: Record<string, unknown>, topology: Topology): Record<string, string> {
  const given = Object.entries(context).filter(([key]) => /^[A-Z][A-Z0-9_]*$/.test(key));
  return Object.fromEntries(
    given.map(([key, value]) => {
      if (!Object.hasOwn(topology.settings, key)) {
        throw new Error(`context ${key}: is not among the topology's settings`);
      }
      if (typeof value !== 'string' || value === '') {
        throw new Error(`context ${key}: must be a string that is not empty`);
      }
      return [key, value];
    }),
  );
}
