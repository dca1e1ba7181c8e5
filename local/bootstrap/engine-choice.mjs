/** Which engine a command is asked for, and what it needs of Python. */

/** @type {typeof import('./engine-choice.d.mts').pythonEngines} */
export const pythonEngines = {
  ministack: ['ministack'],
  // Its tables are kept by MiniStack, which does with the same Python.
  localstack: ['localstack', 'ministack'],
  // It is in its image.
  'localstack-docker': [],
};

/** @type {typeof import('./engine-choice.d.mts').engineIn} */
export function engineIn(args) {
  const named = args.flatMap((arg, at) => {
    if (arg === '--engine') return [args[at + 1] ?? ''];
    return arg.startsWith('--engine=') ? [arg.slice('--engine='.length)] : [];
  });
  const name = named.at(-1) ?? 'ministack';
  return Object.hasOwn(pythonEngines, name)
    ? /** @type {keyof typeof pythonEngines} */ (name)
    : undefined;
}
