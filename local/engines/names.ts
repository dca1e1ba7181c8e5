/** What can stand in for AWS on a laptop, by the name that `--engine` takes. */
export const engineNames = ['ministack', 'localstack', 'localstack-docker'] as const;

export type EngineName = (typeof engineNames)[number];

export const defaultEngine = 'ministack' satisfies EngineName;

/** Those that the probes are run on. The third is LocalStack again, older, for whoever has Docker. */
export const probedEngines = ['ministack', 'localstack'] as const satisfies readonly EngineName[];

export type ProbedEngine = (typeof probedEngines)[number];

/** @throws RangeError that names the choices. */
export function toEngineName(name: string): EngineName {
  const found = engineNames.find((known) => known === name);
  if (!found) throw new RangeError(`--engine must be ${engineNames.join(', ')}, got '${name}'`);
  return found;
}
