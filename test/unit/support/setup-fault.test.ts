import { describe, expect, it, vi } from 'vitest';
import { orFault } from '../../support/setup-fault.ts';

describe('a suite that cannot start', () => {
  it('hands its reason to its tests, and lets the other suites run', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => {});
    const provide = vi.fn();
    const start = () => Promise.reject(new Error('no Python'));
    expect(await orFault({ name: 'e2e', provide }, start)).toBeUndefined();
    expect(provide).toHaveBeenCalledExactlyOnceWith('setupFault', 'no Python');
    expect(shown).toHaveBeenCalledOnce();
    shown.mockRestore();
  });

  it('hands on the teardown of one that can', async () => {
    const stop = () => {};
    expect(await orFault({ name: 'e2e', provide: () => {} }, async () => stop)).toBe(stop);
  });
});
