/** A construct id from a logical name: `take-payment` becomes `TakePayment`. */
export function constructId(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** The physical name of a stack's function or queue: `outpour-take-payment`. */
export function physicalName(stackName: string, name: string): string {
  return `${stackName}-${name}`;
}

/** The alias of every function that all callers call: it names the version that is live. */
export const LIVE = 'live';
