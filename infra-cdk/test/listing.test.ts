import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { listing } from './listing';
import { PACKAGE, synthesise } from './support';

const COMMITTED = join(PACKAGE, 'test', 'listing.txt');

/** With UPDATE_LISTING=1 the committed file is written anew, to be reviewed as a difference. */
test('what is built is what was reviewed in listing.txt', () => {
  const { template, observability } = synthesise();
  const made = listing(template, observability);
  if (process.env.UPDATE_LISTING === '1') {
    writeFileSync(COMMITTED, made);
  }
  assert.equal(
    made,
    readFileSync(COMMITTED, 'utf8'),
    'UPDATE_LISTING=1 npm test writes the file anew: review it',
  );
});
