/** Many callers of many environments on one key at once: how many were let in, beside how many may be. */
import { type Ask, type Contender, limit } from './contender.ts';

const environments = 10;
const callersEach = 5;
const triesEach = 12;

export interface CrowdFigures {
  /** Let in beyond what the limit allows for the time that it took. */
  readonly overAdmitted: number;
  /** Let in, of what it allows. */
  readonly accuracy: number;
  /** Ends that were neither yes nor no. */
  readonly faults: number;
}

export async function crowd(contender: Contender, key: string): Promise<CrowdFigures> {
  let admitted = 0;
  let faults = 0;
  const caller = async (ask: Ask) => {
    for (let tries = 0; tries < triesEach; tries++)
      try {
        // Apart: a sum that waits in the middle loses what others add meanwhile.
        const allowed = await ask(key);
        admitted += Number(allowed);
      } catch {
        faults++;
      }
  };
  const beganMs = Date.now();
  await Promise.all(
    Array.from({ length: environments }, () => contender.environment()).flatMap((ask) =>
      Array.from({ length: callersEach }, () => caller(ask)),
    ),
  );
  // Whole tokens that came back meanwhile; a fixed window that did not end gives none.
  const cameBack = Math.floor(((Date.now() - beganMs) * limit.tokens) / (limit.seconds * 1_000));
  return {
    overAdmitted: Math.max(0, admitted - limit.tokens - cameBack),
    accuracy: Math.round((100 * admitted) / limit.tokens) / 100,
    faults,
  };
}
