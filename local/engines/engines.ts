/** The engines there are, by name. */
import type { Engine, EngineOptions } from './engine.ts';
import { startMiniStack } from './ministack.ts';

export type EngineName = 'ministack';

const engines = { ministack: startMiniStack } satisfies Record<
  EngineName,
  (options: EngineOptions) => Promise<Engine>
>;

/**
 * A running engine keeps this process alive, as a listening server would.
 *
 * @throws EngineError when it does not come up, with the end of its log.
 * @throws EnvironmentMissing when Python or its packages are missing, with the remedy.
 */
export const startEngine = (name: EngineName, options: EngineOptions = {}): Promise<Engine> =>
  engines[name](options);
