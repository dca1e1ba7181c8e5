import { vi } from 'vitest';

/** Tries until `assert` holds, and fails with what it last said when it never does. */
export const eventually = <T>(assert: () => T | Promise<T>, withinMs = 20_000): Promise<T> =>
  vi.waitFor(assert, { timeout: withinMs, interval: 100 });
