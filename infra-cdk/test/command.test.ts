import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { PACKAGE, PLACEHOLDER } from './support';

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

/**
 * Runs CDK's own command line with the shipped `cdk.json`, but for its build: this test is part of what that would
 * remove. Whatever it asked of the network would be asked of a port where nobody listens.
 */
function synthByCdk(context: Readonly<Record<string, string>>, outdir: string) {
  const { build, app, ...settings } = JSON.parse(readFileSync(join(PACKAGE, 'cdk.json'), 'utf8'));
  assert.equal(build, 'npm run --silent build');
  assert.equal(app, 'node dist/bin/outpour.js');
  const folder = mkdtempSync(join(OUTDIR, 'cdk-'));
  const program = join(__dirname, '..', 'bin', 'outpour.js');
  writeFileSync(
    join(folder, 'cdk.json'),
    JSON.stringify({ ...settings, app: `${process.execPath} ${program}` }),
  );
  const given = Object.entries(context).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const cdk = join(PACKAGE, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  return spawnSync(process.execPath, [cdk, 'synth', '--quiet', '--output', outdir, ...given], {
    cwd: folder,
    encoding: 'utf8',
    env: { HOME: folder, HTTPS_PROXY: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' },
  });
}

test("CDK's own command line writes the same templates, without an account and without a network", () => {
  const context = { bootstrap: PLACEHOLDER, env: 'stage', web_acl_stack: 'yes', CHARITY_NAME: 'The Example Trust' };
  assert.equal(run(context).status, 0);
  const outdir = join(OUTDIR, 'by-cdk');
  mkdirSync(outdir);
  const { status, stderr } = synthByCdk(context, outdir);
  assert.equal(status, 0, stderr);
  const templates = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.template.json'));
  const ours = join(OUTDIR, 'assembly');
  const ofStage = templates(outdir);
  assert.deepEqual(ofStage.sort(), [
    'outpour-stage-observability.template.json', 'outpour-stage-release.template.json',
    'outpour-stage-web-acl.template.json',
    'outpour-stage.template.json',
  ]);
  for (const name of ofStage) {
    assert.equal(readFileSync(join(outdir, name), 'utf8'), readFileSync(join(ours, name), 'utf8'), name);
  }
});
