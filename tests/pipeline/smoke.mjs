// Gives once, through the front door, and follows the donation until its money is taken:
//
//     node tests/pipeline/smoke.mjs URL|OUTPUTS [TOKEN]
//
// URL is where the API answers; OUTPUTS the file of a deployment's outputs, which names it. TOKEN is a test card of
// the provider's; the environment must have the provider's test key, so that no money moves. Exits 1 with a sentence
// when anything is not as it should be.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const FOLLOW_MS_MAX = 180_000;
const ANSWER_MS_MAX = 30_000;
const LOOK_EVERY_MS = 500;
// SES's mailbox simulator: it takes every mail, and none of them counts as a bounce.
const DONOR = { name: 'Ada Example', email: 'success@simulator.amazonses.com' };

function urlOf(target) {
  if (!target.endsWith('.json')) {
    return target.replace(/\/$/, '');
  }
  const stacks = Object.values(JSON.parse(readFileSync(target, 'utf8')));
  const url = stacks.find(({ HttpUrl }) => HttpUrl)?.HttpUrl;
  return url ?? fail(`${target} names no HttpUrl`);
}

function fail(why) {
  throw new Error(why);
}

async function answered(wanted, url, request) {
  const answer = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS_MAX) });
  const body = await answer.text();
  return answer.status === wanted ? JSON.parse(body) : fail(`${answer.status} instead of ${wanted}: ${body}`);
}

async function smoke([target, token = 'pm_card_visa', ...more]) {
  if (target === undefined || more.length > 0) {
    fail('usage: node smoke.mjs URL|OUTPUTS [TOKEN]');
  }
  const offer = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `smoke-${randomUUID()}` },
    body: JSON.stringify({
      amount: '5.00',
      currency: 'GBP',
      appeal: 'smoke-test',
      channel: 'web',
      payment: { provider: 'stripe', token },
      donor: DONOR,
    }),
  };
  const url = urlOf(target);
  const accepted = await answered(202, `${url}/donations`, offer);
  const again = await answered(202, `${url}/donations`, offer);
  if (again.donation_id !== accepted.donation_id) {
    fail(`one key made two donations: ${accepted.donation_id}, ${again.donation_id}`);
  }
  const until = Date.now() + FOLLOW_MS_MAX;
  let seen = accepted;
  while (['accepted', 'in_progress'].includes(seen.status) && Date.now() < until) {
    await pause(LOOK_EVERY_MS);
    seen = await answered(200, accepted.status_url);
  }
  if (seen.status !== 'captured' || seen.money_taken !== 'yes') {
    fail(`the donation ${accepted.donation_id} is ${seen.status}, money taken: ${seen.money_taken}`);
  }
  console.log(`captured: ${accepted.donation_id}`);
}

smoke(process.argv.slice(2)).catch((error) => {
  console.error(`smoke: ${error.message}${error.cause ? `: ${error.cause.message}` : ''}`);
  process.exitCode = 1;
});
