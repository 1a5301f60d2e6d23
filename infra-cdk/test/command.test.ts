import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PLACEHOLDER } from './support';

const OUTDIR = mkdtempSync(join(tmpdir(), 'outpour-command-'));
after(() => rmSync(OUTDIR, { recursive: true }));

/** Runs the app as the CDK command line does, with nothing in its environment but the context. */
function run(context: Readonly<Record<string, string>>) {
  return spawnSync(process.execPath, [join(__dirname, '..', 'bin', 'outpour.js')], {
    cwd: OUTDIR,
    encoding: 'utf8',
    env: { CDK_CONTEXT_JSON: JSON.stringify(context), CDK_OUTDIR: join(OUTDIR, 'assembly') },
  });
}

test('the command writes an assembly without an account, credentials or a home', () => {
  const { status, stderr } = run({ bootstrap: PLACEHOLDER });
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.ok(readdirSync(join(OUTDIR, 'assembly')).includes('outpour.template.json'));
});

test('the command says what is wrong with its context, and fails', () => {
  const { status, stderr } = run({ bootstrap: PLACEHOLDER, CHARITY_NAM: 'Example' });
  assert.equal(status, 1);
  assert.equal(stderr, "context CHARITY_NAM: is not among the topology's settings\n");
});
