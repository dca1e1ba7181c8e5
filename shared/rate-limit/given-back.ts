/** What may be given back to a limit. */
import { assertFromZero, assertWhole } from '../options/assert-numbers.ts';
import type { GivenBack } from './rate-limiter.ts';

/** @throws RangeError for what no take can have taken. */
export function assertGivenBack({ cost, takenAtMs }: GivenBack, capacity: number): void {
  assertWhole({ cost }, 1);
  assertFromZero({ takenAtMs });
  if (cost > capacity)
    throw new RangeError(`cost must be at most the capacity of ${capacity}, got ${cost}`);
}
