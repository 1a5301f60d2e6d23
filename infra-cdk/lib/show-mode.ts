import { LIVE, physicalName } from './names';
import type { Topology } from './topology';

/**
 * What one donation a second asks for while a call to action is on air. One write when it is accepted and
 * one each time the completer looks, until its turn at the provider comes; a donor's page asks every two
 * seconds, for ten seconds. Everything behind the payment goes at the provider's pace, which no show raises.
 */
const PER_DONATION = { writes: 3, reads: 10, accepts: 1, looks: 5 } as const;
/** Seconds that an answer takes with AWS at the other end of it, generously. */
const ACCEPT_SECONDS = 0.06;
const LOOK_SECONDS = 0.02;
/** DynamoDB takes no less for an on-demand table. */
const WARM_LEAST = { writes: 4_000, reads: 12_000 } as const;
/**
 * Dollars for a provisioned gigabyte-second on arm64, AWS's list price in us-east-1; other regions ask up to
 * a fifth more.
 */
const PROVISIONED_GB_SECOND = 0.0000033334;

/** Callers wait for these two, so a cold start of theirs is seen; queues hide those of the others. */
const WAITED_FOR = [
  { name: 'accept-donation', callsPerDonation: PER_DONATION.accepts, seconds: ACCEPT_SECONDS },
  { name: 'show-donation', callsPerDonation: PER_DONATION.looks, seconds: LOOK_SECONDS },
] as const;
/** The table that callers wait for. */
const TABLE = 'donations';

/** What a table bears at once: units a second. */
export interface Warm {
  readonly writes: number;
  readonly reads: number;
}

/** One change of show mode: what it is, how the AWS command line makes it, what it costs. */
export interface Step {
  readonly what: string;
  /** Arguments of `aws`. */
  readonly command: readonly string[];
  readonly cost: string;
}

/** What a show asks for. */
export interface Show {
  readonly stackName: string;
  readonly topology: Topology;
  /** Donations a second at the peak. */
  readonly rate: number;
}

/** The physical name of the table that is warmed, and what it bears now. */
export interface WarmTable {
  readonly name: string;
  readonly bears: Warm;
}

/** What is changed before a show. The record comes first, so that a step that fails leaves it behind. */
export function before(show: Show, table: WarmTable): Step[] {
  const { stackName, rate } = show;
  return [
    recorded(stackName, `on, for ${rate} donations a second`),
    ...frozen(stackName, 'Deny', 'no release while the show is on'),
    ...warmed(show, table),
    ...WAITED_FOR.flatMap((each) => provisioned(show, each)),
  ];
}

/** What undoes it: everything as the topology has it. A table stays as warm as it is, which costs nothing. */
export function after({ stackName, topology }: Omit<Show, 'rate'>): Step[] {
  return [
    ...WAITED_FOR.flatMap(({ name }) => [
      {
        what: `${name} keeps no environment ready`,
        command: ['lambda', 'delete-provisioned-concurrency-config', ...ofAlias(stackName, name)],
        cost: 'ends what it cost',
      },
      reserved(stackName, name, topology.functions[name]?.concurrency_max ?? 1),
    ]),
    ...frozen(stackName, 'Allow', 'releases go on'),
    recorded(stackName, 'off'),
  ];
}

/** Environments that are kept ready for a function: as many as work at once, and a fifth more. */
export function environments(rate: number, callsPerDonation: number, seconds: number): number {
  return Math.max(2, Math.ceil(rate * callsPerDonation * seconds * 1.2));
}

function warmed({ topology, rate }: Show, { name, bears }: WarmTable): Step[] {
  const wanted = {
    writes: Math.max(WARM_LEAST.writes, rate * PER_DONATION.writes),
    reads: Math.max(WARM_LEAST.reads, rate * PER_DONATION.reads),
  };
  // DynamoDB refuses to take less than a table bears already.
  const writes = Math.max(wanted.writes, bears.writes);
  const reads = Math.max(wanted.reads, bears.reads);
  if (writes === bears.writes && reads === bears.reads) {
    return [];
  }
  const warm = { ReadUnitsPerSecond: reads, WriteUnitsPerSecond: writes };
  const indexes = Object.keys(topology.tables[TABLE]?.indexes ?? {}).map((index) => ({
    Update: { IndexName: index, WarmThroughput: warm },
  }));
  const times = 1 + indexes.length;
  return [
    {
      what:
        `${TABLE} and its indexes bear ${writes} writes and ${reads} reads a second at once, ` +
        `not ${bears.writes} and ${bears.reads}; it cannot be taken back`,
      command: [
        ...['dynamodb', 'update-table', '--table-name', name],
        ...['--warm-throughput', JSON.stringify(warm)],
        ...['--global-secondary-index-updates', JSON.stringify(indexes)],
      ],
      cost:
        `once, at DynamoDB's price of warm throughput, for ${times * (writes - bears.writes)} write and ` +
        `${times * (reads - bears.reads)} read units`,
    },
  ];
}

function provisioned(
  { stackName, topology, rate }: Show,
  { name, callsPerDonation, seconds }: (typeof WAITED_FOR)[number],
): Step[] {
  const spec = topology.functions[name];
  const count = environments(rate, callsPerDonation, seconds);
  const dollars = count * ((spec?.memory_mb ?? 128) / 1024) * PROVISIONED_GB_SECOND * 3_600;
  return [
    // What is kept ready must lie within the bound; the bound leaves as much again for what nobody foresaw.
    reserved(stackName, name, Math.max(spec?.concurrency_max ?? 1, 2 * count)),
    {
      what: `${name} keeps ${count} environments ready`,
      command: [
        ...['lambda', 'put-provisioned-concurrency-config', ...ofAlias(stackName, name)],
        ...['--provisioned-concurrent-executions', `${count}`],
      ],
      cost: `about ${dollars.toFixed(2)} dollars an hour`,
    },
  ];
}

function ofAlias(stackName: string, name: string): string[] {
  return ['--function-name', physicalName(stackName, name), '--qualifier', LIVE];
}

function reserved(stackName: string, name: string, count: number): Step {
  return {
    what: `${name} may have ${count} environments at once`,
    command: [
      ...['lambda', 'put-function-concurrency', '--function-name', physicalName(stackName, name)],
      ...['--reserved-concurrent-executions', `${count}`],
    ],
    cost: 'nothing; it is taken from what the account has',
  };
}

function frozen(stackName: string, effect: 'Allow' | 'Deny', what: string): Step[] {
  const policy = { Statement: [{ Effect: effect, Action: 'Update:*', Principal: '*', Resource: '*' }] };
  return [stackName, `${stackName}-release`].map((stack) => ({
    what: `${stack}: ${what}`,
    command: [
      ...['cloudformation', 'set-stack-policy', '--stack-name', stack],
      ...['--stack-policy-body', JSON.stringify(policy)],
    ],
    cost: 'nothing',
  }));
}

/** A parameter's history is the record: who, when and what, for as long as the parameter is there. */
function recorded(stackName: string, mode: string): Step {
  return {
    what: `recorded: show mode ${mode}`,
    command: [
      ...['ssm', 'put-parameter', '--name', `/${stackName}/show-mode`, '--type', 'String'],
      ...['--overwrite', '--value', mode],
    ],
    cost: 'nothing',
  };
}
