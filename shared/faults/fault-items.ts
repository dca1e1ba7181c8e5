/**
 * Fault switches: items that make a function crash, or a simulated dependency misbehave, until they
 * are switched off. Only bundles of stages with faults read them.
 */
import type { Address, Item, Write } from '../state/items.ts';

export const crashPoints = ['before-effect', 'after-effect', 'after-burial'] as const;

/**
 * Around the one step that others can see: before it, or after it and before the acknowledgement.
 * `after-burial` is the latter for a message whose end is the dead-letter queue.
 */
export type CrashPoint = (typeof crashPoints)[number];

export interface CrashSwitch {
  readonly point: CrashPoint;
  /** Crashes still to come. */
  readonly times: number;
}

const crashAddress = (table: string, subject: string): Address => ({
  table,
  key: { pk: `fault#crash#${subject}` },
});

/** Where the switch of a function stands: it is found under the name of its queue. */
export const crashSwitch = (table: string, subject: string) => {
  const at = crashAddress(table, subject);
  return {
    at,
    set: ({ point, times }: CrashSwitch): Write => ({ put: { point, times }, at }),
    clear: (): Write => ({ remove: true, at }),
    /** Applied as often as the switch says, by whichever environments ask first. */
    countDown: (point: CrashPoint): Write => ({
      add: { times: -1 },
      at,
      when: { where: { point: { equals: point }, times: { atLeast: 1 } } },
    }),
  };
};

/** Undefined when there is no switch, or nothing left of it. */
export function readCrashSwitch(item: Item | undefined): CrashSwitch | undefined {
  const point = crashPoints.find((known) => known === item?.['point']);
  const times = item?.['times'];
  return point && typeof times === 'number' && times > 0 ? { point, times } : undefined;
}

/** How a simulated dependency misbehaves. */
export interface SimulatedFaults {
  /** Share of calls that are answered with a 503 and do nothing, 0..1. */
  readonly errorRatio: number;
  /** Delay before anything happens. */
  readonly latencyMs: number;
  /** No answer, ever, and nothing done. */
  readonly hang: boolean;
  /** The work is done, and the connection breaks before the answer. */
  readonly reset: boolean;
}

export const noFaults: SimulatedFaults = {
  errorRatio: 0,
  latencyMs: 0,
  hang: false,
  reset: false,
};

export const simulatedFaultsAddress = (table: string, name: string): Address => ({
  table,
  key: { pk: `fault#simulated#${name}` },
});

export const simulatedFaultsWrite = (
  table: string,
  name: string,
  { errorRatio, latencyMs, hang, reset }: SimulatedFaults,
): Write => ({
  put: { errorRatio, latencyMs, hang, reset },
  at: simulatedFaultsAddress(table, name),
});

export function readSimulatedFaults(item: Item | undefined): SimulatedFaults {
  if (!item) return noFaults;
  return {
    errorRatio: Number(item['errorRatio']),
    latencyMs: Number(item['latencyMs']),
    hang: item['hang'] === true,
    reset: item['reset'] === true,
  };
}
