/** What the CDK command line or `CDK_CONTEXT_JSON` gives. */
export type Context = Readonly<Record<string, unknown>>;

/**
 * Refuses a key that is neither known nor CDK's own (those hold a colon, or stand in `cdk.json`'s way of
 * writing) nor a setting in capitals: it is a misspelling, which must not pass unseen.
 *
 * @throws Error that names it
 */
export function refuseUnknown(context: Context, known: readonly string[]): void {
  const unknown = Object.keys(context).find((key) => /^[a-z][a-z_]*$/.test(key) && !known.includes(key));
  if (unknown !== undefined) {
    throw new Error(`context ${unknown}: is not known; there are ${[...known].sort().join(', ')}`);
  }
}

/** @throws Error that the value is not a string, or empty */
export function text(context: Context, key: string): string {
  const value = context[key];
  if (typeof value !== 'string' || value === '') {
    throw new Error(`context ${key}: must be a string that is not empty`);
  }
  return value;
}

/** @throws Error that the value has not the shape, which `means` says in words */
export function optionalText(
  context: Context,
  key: string,
  shape: RegExp,
  means: string,
): string | undefined {
  if (context[key] === undefined) {
    return undefined;
  }
  const value = text(context, key);
  if (!shape.test(value)) {
    throw new Error(`context ${key}: must be ${means}`);
  }
  return value;
}

/** @throws Error that lists what the value may be */
export function oneOf<T extends string>(
  context: Context,
  key: string,
  among: Readonly<Record<T, unknown>>,
  otherwise: NoInfer<T>,
): T {
  const value = context[key] === undefined ? otherwise : text(context, key);
  if (!Object.hasOwn(among, value)) {
    throw new Error(`context ${key}: must be one of ${Object.keys(among).join(', ')}`);
  }
  return value as T;
}

/** @throws Error that the text is no whole number, or one below the least */
export function wholeNumber(key: string, value: string | undefined, least: number): number {
  const number = Number(value);
  if (!/^\d+$/.test(value ?? '') || !Number.isSafeInteger(number) || number < least) {
    throw new Error(`context ${key}: ${value} must be a whole number of at least ${least}`);
  }
  return number;
}
