import { Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import { required, type Resources } from './resources';
import type { FunctionSpec, Topology } from './topology';
import { actionTarget } from './topology-rules';

/**
 * Entries of the ledger are added and never changed: whoever may put one is denied every way to alter or
 * remove one.
 */
const APPEND_ONLY_TABLE = 'ledger';
const ALTERING = [
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
  'dynamodb:PartiQLUpdate',
  'dynamodb:PartiQLDelete',
];

/**
 * What Lambda itself does with the function's role to read a queue (Lambda developer guide, Amazon SQS
 * permissions).
 */
const CONSUMING = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

/**
 * What reading and writing an encrypted table asks of its key (DynamoDB developer guide, encryption at
 * rest).
 */
const KEY_USE = [
  'kms:Decrypt',
  'kms:DescribeKey',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** What decides the permissions of one function. */
export interface PermissionProps {
  readonly role: Role;
  readonly spec: FunctionSpec;
  readonly topology: Topology;
  readonly resources: Resources;
  /** Value of every environment key; those of the e-mail settings name what SES may send as. */
  readonly values: ReadonlyMap<string, string>;
}

/**
 * Lets a function's role do what the topology says, on exactly the resources it names, and consume its
 * queue.
 */
export function grantActions(props: PermissionProps): void {
  const { role, spec, resources } = props;
  for (const [resource, actions] of Object.entries(spec.actions)) {
    for (const statement of statements(resource, actions, props)) {
      role.addToPolicy(statement);
    }
  }
  if (spec.queue !== undefined) {
    role.addToPolicy(allow(CONSUMING, [required(resources.queues, spec.queue.name).queue.queueArn]));
  }
}

/**
 * Lets the roles use an encrypted table's key, through DynamoDB alone. The key's own policy says it, so
 * that a role's policy holds the topology's actions and nothing more.
 */
export function grantKeyUse(table: Table, roles: Role[]): void {
  table.encryptionKey?.addToResourcePolicy(
    new PolicyStatement({
      principals: roles,
      actions: KEY_USE,
      resources: ['*'],
      conditions: {
        StringEquals: { 'kms:ViaService': `dynamodb.${Stack.of(table).region}.amazonaws.com` },
      },
    }),
  );
}

function statements(resource: string, actions: string[], props: PermissionProps): PolicyStatement[] {
  const { resources } = props;
  const target = actionTarget(resource);
  switch (target?.kind) {
    case 'table':
      return tableStatements(target.name, actions, props);
    case 'bucket':
      return [allow(actions, [objectsOf(required(resources.buckets, target.name), props.role)])];
    case 'secret':
      return [allow(actions, [required(resources.secrets, target.name).attrId])];
    case 'topic':
      return [allow(actions, [required(resources.topics, target.name).topicArn])];
    case 'queue':
      return [allow(actions, [required(resources.queues, target.name).queue.queueArn])];
    case 'dead-letters':
      return [allow(actions, [required(resources.queues, target.name).deadLetters.queueArn])];
    case 'ses':
      return [sending(actions, props)];
    case undefined:
      throw new Error(`actions: ${resource} is not in the topology`);
  }
}

/** A query may also read the table's indexes; every other action of ours is on the table itself. */
function tableStatements(name: string, actions: string[], props: PermissionProps): PolicyStatement[] {
  const { tableArn } = required(props.resources.tables, name);
  const indexes = Object.keys(props.topology.tables[name]?.indexes ?? {}).map(
    (index) => `${tableArn}/index/${index}`,
  );
  const querying = actions.filter((action) => action === 'dynamodb:Query');
  const others = actions.filter((action) => action !== 'dynamodb:Query');
  const made = [
    ...(querying.length > 0 ? [allow(querying, [tableArn, ...indexes])] : []),
    ...(others.length > 0 ? [allow(others, [tableArn])] : []),
  ];
  if (name === APPEND_ONLY_TABLE && actions.includes('dynamodb:PutItem')) {
    made.push(new PolicyStatement({ effect: Effect.DENY, actions: ALTERING, resources: [tableArn] }));
  }
  return made;
}

/**
 * The objects of one bucket: the one grant with a wildcard, since a policy cannot know the keys of
 * objects to come.
 */
function objectsOf(bucket: Bucket, role: Role): string {
  const logicalId = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/*]`,
    reason:
      'The keys of exports are made at run time from their dates; the grant is for whole objects of this ' +
      'one bucket, which holds exports alone and keeps every version locked.',
  });
  return bucket.arnForObjects('*');
}

/**
 * SES checks the sender's address and its domain, whichever of them is verified, and the configuration
 * set; the condition holds the function to the one sender.
 */
function sending(actions: string[], { role, values }: PermissionProps): PolicyStatement {
  const sender = required(values, 'RECEIPT_SENDER');
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  const arn = (resource: string, resourceName: string) =>
    Stack.of(role).formatArn({ service: 'ses', resource, resourceName });
  return new PolicyStatement({
    actions,
    resources: [
      arn('identity', sender),
      arn('identity', domain),
      arn('configuration-set', required(values, 'RECEIPT_CONFIGURATION_SET')),
    ],
    conditions: { StringEquals: { 'ses:FromAddress': sender } },
  });
}

function allow(actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
