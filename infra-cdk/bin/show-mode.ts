/**
 * Makes the deployed pipeline ready for a broadcast, and undoes that afterwards:
 * `npm run show-mode -- before --rate 2000 --env NAME --dry-run`. A dry run reads, and changes nothing.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { aws } from '../lib/aws-command';
import { constructId } from '../lib/names';
import { after, before, type Step, type WarmTable } from '../lib/show-mode';
import { shippedTopology } from '../lib/topology';

const USAGE =
  'usage: npm run show-mode -- before|after [--env NAME] [--rate DONATIONS_A_SECOND] [--dry-run]';
const RATE_MAX = 100_000;

const resources = z.object({
  StackResourceSummaries: z.array(
    z.object({
      LogicalResourceId: z.string(),
      PhysicalResourceId: z.string().optional(),
      ResourceType: z.string(),
    }),
  ),
});
const warm = z.object({ ReadUnitsPerSecond: z.int(), WriteUnitsPerSecond: z.int() });
const described = z.object({ Table: z.object({ WarmThroughput: warm }) });

/** Finds the table of donations by its stack, and what it bears. */
function warmTable(stackName: string): WarmTable {
  const listed = aws(['cloudformation', 'list-stack-resources', '--stack-name', stackName]);
  const table = resources
    .parse(listed)
    .StackResourceSummaries.find(
      ({ LogicalResourceId, ResourceType }) =>
        ResourceType === 'AWS::DynamoDB::Table' &&
        LogicalResourceId.startsWith(`${constructId('donations')}Table`),
    );
  if (table?.PhysicalResourceId === undefined) {
    throw new Error(`the stack ${stackName} has no table of donations`);
  }
  const name = table.PhysicalResourceId;
  const { WarmThroughput } = described.parse(aws(['dynamodb', 'describe-table', '--table-name', name])).Table;
  return {
    name,
    bears: { writes: WarmThroughput.WriteUnitsPerSecond, reads: WarmThroughput.ReadUnitsPerSecond },
  };
}

function steps(): { made: Step[]; isDry: boolean } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { env: { type: 'string' }, rate: { type: 'string' }, 'dry-run': { type: 'boolean' } },
  });
  const stackName = values.env === undefined ? 'outpour' : `outpour-${values.env}`;
  const topology = shippedTopology();
  const isDry = values['dry-run'] === true;
  const [mode, ...more] = positionals;
  if (more.length === 0 && mode === 'after' && values.rate === undefined) {
    return { made: after({ stackName, topology }), isDry };
  }
  const rate = Number(values.rate);
  if (more.length > 0 || mode !== 'before' || !Number.isSafeInteger(rate) || rate < 1 || rate > RATE_MAX) {
    throw new Error(USAGE);
  }
  return { made: before({ stackName, topology, rate }, warmTable(stackName)), isDry };
}

try {
  const { made, isDry } = steps();
  for (const { what, cost, command } of made) {
    console.log(`${what}\n  costs ${cost}`);
    if (!isDry) {
      aws(command);
    }
  }
  console.log(isDry ? 'nothing was changed' : 'done');
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
