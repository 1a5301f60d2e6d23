// Does what it is told with Stripe's official SDK for Node. Reads one JSON object from standard input:
//   { "base": URL of the API or null, "key": API key, "jobs": [...] }
// and writes a JSON list with one result for each job, done one after the other:
//   { "do": "call", "method": "paymentIntents.create", "args": [...] }  one request
//   { "do": "list", "method": "paymentIntents.list", "args": [...] }    every page, as the SDK turns them
//   { "do": "together", "jobs": [...] }                                 several at once; a list of results
//   { "do": "sign", "payload": text, "secret", "timestamp", "scheme" }  a Stripe-Signature header
//   { "do": "verify", "payload": base64, "header", "secret", "at" }    its word on a webhook at that second
// A result is { "ok": ... } or { "error": ... }. The SDK is resolved from the working directory.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const Stripe = createRequire(join(process.cwd(), 'package.json'))('stripe');

const { base, key, jobs } = JSON.parse(await text(process.stdin));
const stripe = client();

function client() {
  if (base === null) return null;
  const { hostname: host, port, protocol } = new URL(base);
  const where = { host, port, protocol: protocol.slice(0, -1) };
  return new Stripe(key, { ...where, maxNetworkRetries: 0, timeout: 10_000 });
}

/** The SDK's method of a dotted name, bound to its resource. */
function method(name) {
  const [resource, verb] = name.split('.');
  return stripe[resource][verb].bind(stripe[resource]);
}

async function call({ method: name, args }) {
  const answer = await method(name)(...args);
  const { statusCode: status, headers } = answer.lastResponse;
  return { status, headers, body: answer };
}

async function list({ method: name, args }) {
  const items = [];
  for await (const item of method(name)(...args)) items.push(item);
  return items;
}

function sign({ payload, secret, timestamp, scheme }) {
  return Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp, scheme });
}

function verify({ payload, header, secret, at }) {
  const bytes = Buffer.from(payload, 'base64');
  return Stripe.webhooks.constructEvent(bytes, header, secret, undefined, undefined, at * 1000).id;
}

function described(error) {
  const { rawType: type, code, param, message, headers, payment_intent } = error;
  const { statusCode: status, requestId: request_id, constructor: { name } } = error;
  // A card error without a decline code has an empty one.
  const decline_code = error.decline_code || undefined;
  const codes = { class: name, type, code, decline_code, param };
  return { ...codes, status, message, request_id, headers, payment_intent };
}

async function together({ jobs: several }) {
  return Promise.all(several.map(perform));
}

async function perform(job) {
  try {
    return { ok: await doing[job.do](job) };
  } catch (error) {
    return { error: described(error) };
  }
}

const doing = { call, list, together, sign, verify };
const results = [];
for (const job of jobs) results.push(await perform(job));
process.stdout.write(JSON.stringify(results));
