import { spawnSync } from 'node:child_process';

/**
 * Runs AWS's own command line, which has the operator's credentials and region.
 *
 * @returns what it wrote as JSON; `undefined` where it wrote nothing
 * @throws Error that it is not there, or what it said when it failed
 */
export function aws(args: readonly string[]): unknown {
  const ended = spawnSync('aws', [...args, '--output', 'json'], { encoding: 'utf8' });
  if (ended.error !== undefined) {
    throw new Error(`aws cannot be run: ${ended.error.message}`);
  }
  if (ended.status !== 0) {
    throw new Error(`aws ${args.slice(0, 2).join(' ')} failed: ${ended.stderr.trim()}`);
  }
  return ended.stdout.trim() === '' ? undefined : JSON.parse(ended.stdout);
}
