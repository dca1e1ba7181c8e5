/** Errors in the words of the managed runtime. */

/**
 * @param {string} name
 * @param {string} message
 */
export const named = (name, message) => Object.assign(new Error(message), { name });

/**
 * What a caller is told of whatever was thrown.
 *
 * @param {unknown} thrown
 */
export function describe(thrown) {
  if (!(thrown instanceof Error))
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  const { name, message, stack = '' } = thrown;
  return { errorType: name, errorMessage: message, trace: stack.split('\n') };
}

/**
 * What a caller is told when the function's module does not load.
 *
 * @param {unknown} thrown
 */
export function describeInit(thrown) {
  const described = describe(thrown);
  if (!(thrown instanceof Error)) return described;
  const missing = 'code' in thrown && /^(ERR_)?MODULE_NOT_FOUND$/.test(String(thrown.code));
  if (missing) return { ...described, errorType: 'Runtime.ImportModuleError' };
  if (thrown instanceof SyntaxError)
    return { ...described, errorType: 'Runtime.UserCodeSyntaxError' };
  return described;
}

/** @param {unknown} reason */
export function unhandled(reason) {
  const error = named('Runtime.UnhandledPromiseRejection', String(reason));
  if (reason instanceof Error && reason.stack) error.stack = reason.stack;
  return error;
}
