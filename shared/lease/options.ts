/** @throws RangeError that names the option and repeats its value. */
export function assertWhole(options: Readonly<Record<string, number>>, from: 0 | 1): void {
  for (const [name, value] of Object.entries(options))
    if (!Number.isSafeInteger(value) || value < from)
      throw new RangeError(`${name} must be a whole number from ${from}, got ${value}`);
}
