/** Checks of numbers that a caller sets, made when something is built: by name, and with the value. */

type Numbers = Readonly<Record<string, number>>;

/** @throws RangeError that names the option and repeats its value. */
export function assertWhole(options: Numbers, from: 0 | 1): void {
  for (const [name, value] of Object.entries(options))
    if (!Number.isSafeInteger(value) || value < from)
      throw new RangeError(`${name} must be a whole number from ${from}, got ${value}`);
}

/** @throws RangeError that names the option and repeats its value. */
export function assertFromZero(options: Numbers): void {
  for (const [name, value] of Object.entries(options))
    if (!Number.isFinite(value) || value < 0)
      throw new RangeError(`${name} must be a number from 0, got ${value}`);
}
