/** What the table says of an engine. */
import type { EngineName, ProbedEngine } from '../engines/names.ts';
import type { CapabilityRow } from './table.ts';

/** In Docker it is LocalStack again. */
const columnOf = (engine: EngineName): ProbedEngine =>
  engine === 'localstack-docker' ? 'localstack' : engine;

export const doesOn = (engine: EngineName, { on }: CapabilityRow): boolean =>
  on.includes(columnOf(engine));
