// Does what it is told with GoCardless's official SDK for Node. Reads one JSON object from standard input:
//   { "base": URL of the API or null, "key": access token, "jobs": [...] }
// and writes a JSON list with one result for each job, done one after the other:
//   { "do": "call", "method": "payments.create", "args": [...] }   one request, or two where the key was used before
//   { "do": "list", "method": "payments.all", "args": [...] }      every page, as the SDK turns them
//   { "do": "verify", "payload": base64, "header", "secret" }      the events of a webhook that it believes
//   { "do": "values", "names": ["PaymentStatus", ...] }            what it knows an enumeration to hold, by name
// A result is { "ok": ... } or { "error": ... }. The SDK is resolved from the working directory.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

const sdk = createRequire(join(process.cwd(), 'package.json'))('gocardless-nodejs');

const { base, key, jobs } = JSON.parse(await text(process.stdin));
const client = new sdk.GoCardlessClient(key, sdk.Environments.Sandbox, {});
// The SDK knows two environments only, and calls neither of them here.
client._api._baseUrl = base ?? 'http://127.0.0.1:1';

/** The SDK's method of a dotted name, bound to its resource. */
function method(name) {
  const [resource, verb] = name.split('.');
  return client[resource][verb].bind(client[resource]);
}

async function call({ method: name, args }) {
  return method(name)(...args);
}

async function list({ method: name, args }) {
  const items = [];
  for await (const item of method(name)(...args)) items.push(item);
  return items;
}

function verify({ payload, header, secret }) {
  return sdk.parse(Buffer.from(payload, 'base64'), secret, header);
}

function values({ names }) {
  return Object.fromEntries(names.map((name) => [name, Object.values(sdk[name])]));
}

function described({ constructor: { name }, message, errorType, conflictingResourceId }) {
  return { class: name, message, type: errorType, conflicting_resource_id: conflictingResourceId };
}

async function perform(job) {
  try {
    return { ok: await doing[job.do](job) };
  } catch (error) {
    return { error: described(error) };
  }
}

const doing = { call, list, verify, values };
const results = [];
for (const job of jobs) results.push(await perform(job));
process.stdout.write(JSON.stringify(results));
