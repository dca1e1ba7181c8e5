/** What one environment knows of the store of its limits, and tells of it. */
import { nowAndThen } from '../telemetry/now-and-then.ts';
import type { ResilienceEvent } from '../telemetry/resilience-event.ts';
import { type Rest, type RestOptions, rest } from './rest.ts';
import { failureOf } from './store-failures.ts';

export interface StoreHealth extends Pick<Rest, 'leftMs' | 'tried'> {
  /** It has neither answered nor failed. */
  isUntried(): boolean;
  answered(): void;
  /** What the failure of one call means for those after it. `untry`: as `tried` returned it. */
  failed(error: unknown, facts: ResilienceEvent['facts'], untry: () => void): void;
}

export interface StoreHealthOptions extends RestOptions {
  readonly tell: (
    happened: string,
    severity: ResilienceEvent['severity'],
    facts?: ResilienceEvent['facts'],
  ) => void;
}

/** Of events that come with each call of a hot or broken key. */
const tellEveryMs = 10_000;

export function storeHealth({ tell, ...options }: StoreHealthOptions): StoreHealth {
  const { leftMs, tried, begin, over } = rest(options);
  const isTimeToTell = {
    throttled: nowAndThen(tellEveryMs, options.now),
    'one-key': nowAndThen(tellEveryMs, options.now),
  };
  let hasAnswered = false;
  let failures = 0;

  function answered(): void {
    hasAnswered = true;
    if (failures > 0) tell('store-recovered', 'info');
    failures = 0;
    over();
  }

  return {
    leftMs,
    tried,
    isUntried: () => !hasAnswered && failures === 0,
    answered,
    failed(error, facts, untry) {
      const failure = failureOf(error);
      if (failure === 'throttled') {
        // A store that says so has answered.
        answered();
        if (isTimeToTell[failure]()) tell('store-throttled', 'warning', facts);
      } else if (failure === 'one-key') {
        untry();
        if (isTimeToTell[failure]()) tell('take-failed', 'error', facts);
      } else {
        failures += 1;
        const isLate = failure === 'late';
        if (failures > 1 || isLate) begin(isLate);
        tell('store-failed', 'error', facts);
      }
    },
  };
}
