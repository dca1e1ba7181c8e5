/** The engines there are, by name. */
import type { Engine, EngineOptions } from './engine.ts';
import { startLocalStack } from './localstack.ts';
import { startLocalStackInDocker } from './localstack-docker.ts';
import { startMiniStack } from './ministack.ts';
import type { EngineName } from './names.ts';

const engines = {
  ministack: startMiniStack,
  localstack: startLocalStack,
  'localstack-docker': startLocalStackInDocker,
} satisfies Record<EngineName, (options: EngineOptions) => Promise<Engine>>;

/**
 * A running engine keeps this process alive, as a listening server would.
 *
 * @throws EngineError when it does not come up, with the end of its log.
 * @throws EnvironmentMissing when Python, its packages or Docker are missing, with the remedy.
 */
export const startEngine = (name: EngineName, options: EngineOptions = {}): Promise<Engine> =>
  engines[name](options);
