import type { MetricRead, Objective, ServiceLevels } from './service-levels';

/**
 * An alarm may look back over one day, or over seven where its periods are an hour or longer (CloudWatch
 * API reference, PutMetricAlarm).
 */
const DAY_SECONDS = 86_400;
const HOUR_SECONDS = 3_600;

/** What stands for a physical name in a dimension, by `for_each`. */
export const PLACEHOLDERS: Readonly<Record<NonNullable<Objective['for_each']>, string>> = {
  queues: '{queue}',
  topics: '{topic}',
  tables: '{table}',
  functions: '{function}',
  apis: '{api}',
};

/** The rules that hold between fields; each sentence returned names the field and the rule it breaks. */
export function brokenPromises(levels: ServiceLevels): string[] {
  return Object.entries(levels.objectives).flatMap(([name, objective]) => [
    ...expressionRules(objective).map((rule) => `objectives.${name}.expression: ${rule}`),
    ...lookingBack(objective).map((rule) => `objectives.${name}.periods: ${rule}`),
    ...Object.entries(objective.metrics).flatMap(([id, metric]) =>
      metricRules(levels, objective, metric).map((rule) => `objectives.${name}.metrics.${id}: ${rule}`),
    ),
  ]);
}

function expressionRules({ expression, metrics }: Objective): string[] {
  const ids = Object.keys(metrics);
  if (expression === undefined) {
    return ids.length === 1 ? [] : [`is needed for ${ids.length} metrics`];
  }
  const used = new Set(expression.match(/\b[a-z]+\b/g));
  return [
    ...ids.filter((id) => !used.has(id)).map((id) => `does not use ${id}`),
    ...[...used].filter((id) => !ids.includes(id)).map((id) => `${id} is not among the metrics`),
  ];
}

function lookingBack({ period_seconds, periods }: Objective): string[] {
  const most = period_seconds >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS;
  return period_seconds * periods > most ? [`CloudWatch looks back over ${most} seconds at most`] : [];
}

/** A metric of ours must be one that a function emits, in the same unit and with the same dimensions. */
function metricRules(levels: ServiceLevels, objective: Objective, metric: MetricRead): string[] {
  const broken = placeholderRules(objective, metric);
  if (metric.namespace !== levels.namespace) {
    return broken;
  }
  const emitted = levels.metrics[metric.name];
  if (emitted === undefined) {
    return [...broken, `${metric.name} is not among the metrics that are emitted`];
  }
  const dimensions = Object.keys(metric.dimensions).sort().join();
  return [
    ...broken,
    ...(metric.unit === emitted.unit ? [] : [`${metric.name} is emitted in ${emitted.unit}`]),
    ...(dimensions === [...emitted.dimensions].sort().join()
      ? []
      : [`${metric.name} is emitted with other dimensions, and would have no data`]),
  ];
}

function placeholderRules({ for_each }: Objective, { dimensions }: MetricRead): string[] {
  const allowed = ['{stack}', ...(for_each === undefined ? [] : [PLACEHOLDERS[for_each]])];
  const found = Object.values(dimensions).flatMap((value) => value.match(/\{[^}]*\}/g) ?? []);
  const own = for_each === undefined || found.includes(PLACEHOLDERS[for_each]);
  return [
    ...found.filter((each) => !allowed.includes(each)).map((each) => `${each} stands for nothing here`),
    ...(own ? [] : [`must hold ${PLACEHOLDERS[for_each as NonNullable<typeof for_each>]} in a dimension`]),
  ];
}
