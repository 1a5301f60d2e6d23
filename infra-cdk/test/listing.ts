import {
  list,
  logicalId,
  type Properties,
  render,
  short,
  type Statement,
  statements,
  type Template,
} from './support';

const LINE_MAX = 110;
const INDENT = '      ';

/**
 * What a template builds, as text that a person can review: made from the template alone, never from the
 * topology.
 */
export function listing(template: Template, observability: Template): string {
  return [
    ...[...template.functions()]
      .sort()
      .flatMap(([name, properties]) => functionLines(template, name, properties)),
    ...sorted(template, 'AWS::SQS::Queue').flatMap(([id, queue]) => queueLines(template, id, queue)),
    ...sorted(template, 'AWS::DynamoDB::Table').flatMap(([id, table]) => tableLines(id, table)),
    ...sorted(template, 'AWS::S3::Bucket').map(([id, bucket]) => bucketLine(id, bucket)),
    ...sorted(template, 'AWS::SecretsManager::Secret').map(([id]) => `secret ${short(id)}`),
    ...sorted(template, 'AWS::SNS::Topic').map(([id]) => `topic ${short(id)}`),
    '',
    ...apiLines(template),
    ...sorted(observability, 'AWS::SNS::Topic').map(([id]) => `topic ${short(id)}`),
    ...alarmLines(observability),
    ...sorted(observability, 'AWS::CloudWatch::Dashboard').flatMap(([, board]) => dashboardLines(board)),
    ...sorted(template, 'AWS::KMS::Key').flatMap(([id, key]) => keyLines(id, key)),
    ...[template, observability].flatMap(outputLines),
    '',
  ]
    .flatMap(wrapped)
    .join('\n');
}

/** What a person reads after a deployment; what one stack tells another is left out. */
function outputLines(template: Template): string[] {
  return Object.entries<Properties>(template.json.Outputs)
    .filter(([, { Export }]) => Export === undefined)
    .map(([id, { Value }]) => `output ${id} = ${render(Value)}`);
}

/** A line broken at spaces where it is too long to read, its further parts set in. */
function wrapped(line: string): string[] {
  const at = line.lastIndexOf(' ', LINE_MAX);
  return line.length <= LINE_MAX || at < INDENT.length
    ? [line]
    : [line.slice(0, at), ...wrapped(INDENT + line.slice(at + 1))];
}

/** Resources of a type, in the order of their names without the hash. */
function sorted(template: Template, type: string): [string, Properties][] {
  return [...template.ofType(type)].sort(([a], [b]) => short(a).localeCompare(short(b)));
}

function functionLines(template: Template, name: string, properties: Properties): string[] {
  const {
    FunctionName,
    Timeout,
    MemorySize,
    Runtime,
    Architectures,
    ReservedConcurrentExecutions,
    Environment,
  } = properties;
  const reserved =
    ReservedConcurrentExecutions === undefined ? '' : `, at most ${ReservedConcurrentExecutions} at once`;
  const isWatched = [...template.ofType('AWS::Logs::MetricFilter').values()].some(
    (each) => logicalId(each.LogGroupName) === logicalId(properties.LoggingConfig.LogGroup),
  );
  return [
    `function ${name} (${FunctionName}, ${Runtime}, ${list<string>(Architectures).join()})`,
    ...triggers(template, name).map((trigger) => `  runs on ${trigger}`),
    `  ${Timeout} s, ${MemorySize} MB${reserved}`,
    ...takeOver(template, name).map((line) => `  ${line}`),
    `  environment ${Object.keys(Environment.Variables).sort().join(' ')}`,
    ...(isWatched ? ['  log lines with the field alarm are counted by its value'] : []),
    ...template.statementsOf(name).map((statement) => `  ${statementLine(statement)}`),
    '',
  ];
}

function triggers(template: Template, name: string): string[] {
  const isOurs = (value: unknown) => template.functionReferredTo(value) === name;
  const routes = [...template.ofType('AWS::ApiGatewayV2::Route').values()].filter((route) => {
    const integration = logicalId(route.Target['Fn::Join'][1][1]);
    return isOurs(template.json.Resources[integration]?.Properties.IntegrationUri);
  });
  const mappings = [...template.ofType('AWS::Lambda::EventSourceMapping').values()];
  const rules = [...template.ofType('AWS::Events::Rule').values()];
  const found = [
    ...routes.map(({ RouteKey, AuthorizationType }) => `${RouteKey}, authorisation ${AuthorizationType}`),
    ...mappings.filter((each) => isOurs(each.FunctionName)).map(mappingLine),
    ...rules.filter((each) => isOurs(each.Targets[0].Arn)).map((each) => each.ScheduleExpression),
  ];
  return found.length > 0 ? found : ['nothing: an operator invokes it'];
}

function mappingLine(mapping: Properties): string {
  const { EventSourceArn, BatchSize, ScalingConfig, FunctionResponseTypes } = mapping;
  return (
    `${render(EventSourceArn)}: batch ${BatchSize}, window ${mapping.MaximumBatchingWindowInSeconds} s, ` +
    `at most ${ScalingConfig.MaximumConcurrency} at once, ${FunctionResponseTypes}`
  );
}

function statementLine({ effect, actions, resources, principals, conditions }: Statement): string {
  const who = principals === undefined ? '' : ` to ${principalNames(principals)}`;
  const when = Object.values(conditions ?? {})
    .flatMap((each: Properties) => Object.entries(each).map(([key, value]) => `${key} = ${render(value)}`))
    .join(', ');
  const condition = when && ` if ${when}`;
  return `${effect.toLowerCase()} ${actions.join(', ')} on ${resources.join(', ')}${who}${condition}`;
}

function principalNames(principals: Properties | string): string {
  return typeof principals === 'string' ? principals : Object.values(principals).map(render).join(', ');
}

function queueLines(template: Template, id: string, queue: Properties): string[] {
  const { RedrivePolicy: parking, RedriveAllowPolicy: parked } = queue;
  const parks =
    parking === undefined
      ? `takes from ${render(parked.sourceQueueArns)}`
      : `parks in ${render(parking.deadLetterTargetArn)} after ${parking.maxReceiveCount} receives`;
  const hides = queue.VisibilityTimeout === undefined ? '' : `hides ${queue.VisibilityTimeout} s, `;
  const policies = [...template.ofType('AWS::SQS::QueuePolicy').values()].filter((policy) =>
    policy.Queues.some((each: unknown) => logicalId(each) === id),
  );
  const subscriptions = [...template.ofType('AWS::SNS::Subscription').values()].filter(
    (each) => logicalId(each.Endpoint) === id,
  );
  return [
    `queue ${short(id)} (${queue.QueueName})`,
    `  ${hides}keeps ${queue.MessageRetentionPeriod} s, ${parks}`,
    ...subscriptions.map(
      (each) =>
        `  fed by ${render(each.TopicArn)} where ${JSON.stringify(each.FilterPolicy)}` +
        `${each.RawMessageDelivery ? ', raw' : ''}, ` +
        `parked in ${render(each.RedrivePolicy.deadLetterTargetArn)}`,
    ),
    ...policies
      .flatMap((policy) => statements(policy.PolicyDocument))
      .map((each) => `  ${statementLine(each)}`),
    '',
  ];
}

/** How a new version takes over: the alias's own policy, and nothing where it has none. */
function takeOver(template: Template, name: string): string[] {
  return Object.values(template.json.Resources)
    .filter((each) => each.Type === 'AWS::Lambda::Alias')
    .filter((each) => {
      const made = template.json.Resources[logicalId(each.Properties.FunctionName)];
      return made?.Properties.Handler === name;
    })
    .map((each) => {
      const shift = (each as Properties).UpdatePolicy?.CodeDeployLambdaAliasUpdate;
      return (
        `called as ${each.Properties.Name}; a new version takes over as ` +
        `${shift?.ApplicationName} ${shift?.DeploymentGroupName} says`
      );
    });
}

function apiLines(template: Template): string[] {
  return [...template.ofType('AWS::ApiGatewayV2::Stage').values()].flatMap((stage) => {
    const line = (where: string, { ThrottlingRateLimit, ThrottlingBurstLimit }: Properties) =>
      `api ${where}: ${ThrottlingRateLimit} requests a second, ${ThrottlingBurstLimit} at once`;
    return [
      line('every route together', stage.DefaultRouteSettings),
      ...Object.entries<Properties>(stage.RouteSettings ?? {}).map(([route, limits]) => line(route, limits)),
      '',
    ];
  });
}

/** Alarms of one objective that differ in nothing but the resource stand on one line. */
function alarmLines(template: Template): string[] {
  const byRule = new Map<string, string[]>();
  for (const [name, alarm] of [...template.alarms()].sort(([a], [b]) => a.localeCompare(b))) {
    const rule = alarmRule(alarm);
    byRule.set(rule, [...(byRule.get(rule) ?? []), name]);
  }
  return [...byRule].flatMap(([rule, names]) => [`alarm ${names.join(' ')}`, `  ${rule}`, '']);
}

function alarmRule(alarm: Properties): string {
  const { Metrics, Namespace, MetricName, Statistic, ExtendedStatistic, Period, AlarmDescription } = alarm;
  const { EvaluationPeriods, ComparisonOperator, Threshold, TreatMissingData, AlarmActions } = alarm;
  const statistic = Statistic ?? ExtendedStatistic;
  const expression = Metrics?.find((each: Properties) => each.Expression !== undefined)?.Expression;
  const what = expression ?? `${statistic} of ${Namespace} ${MetricName}`;
  const period = Period ?? Metrics.find((each: Properties) => each.MetricStat)?.MetricStat.Period;
  const side = ComparisonOperator === 'GreaterThanThreshold' ? '>' : '<';
  const heading = String(AlarmDescription).replace(/^.*What to do: /s, '');
  return (
    `${what} ${side} ${Threshold} for ${EvaluationPeriods} x ${period} s, ` +
    `missing data ${TreatMissingData}; to ${list(AlarmActions).map(render).join()}; ${heading}`
  );
}

function dashboardLines({ DashboardName, DashboardBody }: Properties): string[] {
  const titles = render(DashboardBody).matchAll(/"title":"([^"]*)"/g);
  return [`dashboard ${DashboardName}`, ...[...titles].map(([, title]) => `  ${title}`), ''];
}

function tableLines(id: string, table: Properties): string[] {
  const keys = (schema: Properties[]) =>
    schema
      .map((each) => {
        const { AttributeType } = table.AttributeDefinitions.find(
          (one: Properties) => one.AttributeName === each.AttributeName,
        );
        return `${each.AttributeName} ${AttributeType}`;
      })
      .join(', ');
  const key = table.SSESpecification?.KMSMasterKeyId;
  const expires = table.TimeToLiveSpecification?.AttributeName;
  return [
    `table ${short(id)}: ${keys(table.KeySchema)}`,
    ...(table.GlobalSecondaryIndexes ?? []).map(
      (index: Properties) =>
        `  index ${index.IndexName}: ${keys(index.KeySchema)}, ${index.Projection.ProjectionType}`,
    ),
    `  ${table.BillingMode}, key ${key === undefined ? "of AWS's own" : render(key)}, ` +
      `expires by ${expires ?? 'nothing'}, deletion protection ${table.DeletionProtectionEnabled}, ` +
      `point-in-time recovery ${table.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled}`,
    '',
  ];
}

function bucketLine(id: string, bucket: Properties): string {
  const lock = bucket.ObjectLockConfiguration?.Rule.DefaultRetention;
  return (
    `bucket ${short(id)}: versions ${bucket.VersioningConfiguration?.Status ?? 'not kept'}, ` +
    `lock ${lock === undefined ? 'none' : `${lock.Mode} ${lock.Days} days`}`
  );
}

function keyLines(id: string, key: Properties): string[] {
  return [`key ${short(id)}`, ...statements(key.KeyPolicy).map((each) => `  ${statementLine(each)}`), ''];
}
