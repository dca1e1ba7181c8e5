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
    throw new UsageError((error as Error).message);
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
