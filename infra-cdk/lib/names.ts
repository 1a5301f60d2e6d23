/** A construct id from a logical name: `take-payment` becomes `TakePayment`. */
export function constructId(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
