/** What every command reads its options with, and how each of its ends is said. */
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { type Stage, stageNames } from '#functions/tables/names.ts';
import { StackMissingError } from './stack.ts';
import { whyUnreachable } from './unreachable.ts';
import { UsageError } from './usage-error.ts';

/** `parseArgs` of node:util. @throws UsageError for what it does not understand. */
export function readOptions<T extends ParseArgsConfig>(config: T) {
  try {
    return parseArgs(config);
  } catch (error) {
    throw new UsageError(inOurWords(error as NodeJS.ErrnoException));
  }
}

/** What node:util says is meant for who wrote the options, not for who types them. */
function inOurWords({ code, message }: NodeJS.ErrnoException): string {
  const [, named = ''] = /'([^\s'=]+)/.exec(message) ?? [];
  if (code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return `there is no option ${named}`;
  if (code === 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL') return `what is '${named}' for?`;
  if (code !== 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE') return message;
  return `${named} ${message.includes('does not take') ? 'takes no value' : 'needs a value'}`;
}

/**
 * An order takes its own options, each once: what it would ignore is a mistake of who typed it.
 *
 * @throws UsageError
 */
export function assertOwnOptions(
  order: string,
  tokens: readonly { readonly kind: string; readonly name?: string }[],
  own: readonly string[],
): void {
  const given = tokens.flatMap(({ kind, name }) => (kind === 'option' && name ? [name] : []));
  for (const [index, name] of given.entries()) {
    if (!own.includes(name)) throw new UsageError(`--${name} does not belong to '${order}'`);
    if (given.indexOf(name) !== index) throw new UsageError(`--${name} is given twice`);
  }
}

/** @throws UsageError */
export function wholeNumber(option: string, text: string, most: number): number {
  const number = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN;
  if (!(number <= most))
    throw new UsageError(`${option} must be a whole number from 1 to ${most}, got '${text}'`);
  return number;
}

/** @throws UsageError */
export function stageNamed(text: string): Stage {
  const stage = stageNames.find((known) => known === text);
  if (!stage) throw new UsageError(`--stage must be ${stageNames.join(' or ')}, got '${text}'`);
  return stage;
}

/**
 * Once nobody reads on (`| head`), what is printed goes nowhere, and the command does what it was
 * asked all the same: its exit code stays its own.
 */
export function endQuietly(stream: NodeJS.WritableStream): void {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}

/**
 * Says what went wrong and gives the exit code: 2 used wrongly, 3 nothing to work on.
 * @throws the error itself when it is neither.
 */
export function failed(error: unknown, usage: string, err: (text: string) => void): number {
  if (error instanceof UsageError) {
    err(`${error.message}\n${usage}`);
    return 2;
  }
  const missing = error instanceof StackMissingError ? error.message : whyUnreachable(error);
  if (missing === undefined) throw error;
  err(`${missing}\n`);
  return 3;
}
