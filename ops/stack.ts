/**
 * The stack that a command works on: the one that runs on this machine, or a stage on AWS. Which it
 * is decides where AWS clients go, so choose it before the first of them is built.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { Stage } from '#functions/tables/names.ts';
import { loopbackEndpoint, useLocalAws } from './aws-guard.ts';

/** What `npm start` says of itself in `.holdfast/local.json`. */
export const runningStackSchema = z.object({
  stage: z.literal('local'),
  apiUrl: z.url(),
  endpoint: z.string().refine(isOnThisMachine, { error: 'is not an address of this machine' }),
  region: z.string(),
  engine: z.string(),
  /** By tenant. */
  apiKeys: z.record(z.string(), z.string()),
  tenants: z.array(z.string()),
  pids: z.array(
    z.object({
      name: z.string(),
      pid: z.int().positive(),
      /** Opaque; equal marks under one pid are one process. */
      startedAt: z.string(),
    }),
  ),
});

function isOnThisMachine(endpoint: string): boolean {
  try {
    return loopbackEndpoint(endpoint) === endpoint;
  } catch {
    return false;
  }
}

export type RunningStack = z.infer<typeof runningStackSchema>;

/** There is nothing to work on. The message says why, and what to do. */
export class StackMissingError extends Error {
  override name = 'StackMissingError';
  readonly exitCode = 3;
}

export interface StackOptions {
  /** Where running stacks are described. Default: HOLDFAST_FOLDER, or `.holdfast` of this checkout. */
  readonly folder?: string;
  /** Port of a second stack's endpoint. Default: the first stack. */
  readonly port?: number | undefined;
}

const remedy = 'start one with: npm start';

const checkout = join(import.meta.dirname, '..');

/** @throws StackMissingError when none is described, or the one that is has ended. */
export function runningStack({
  folder = resolve(checkout, process.env['HOLDFAST_FOLDER'] || '.holdfast'),
  port,
}: StackOptions = {}): RunningStack {
  const first = join(folder, 'local.json');
  if (port === undefined) return described(first) ?? missing(folder, first);
  const file = join(folder, `${port}.json`);
  const other = described(file);
  if (other) return other;
  // The first stack has its own file, and a port like any other.
  const stack = described(first);
  return stack && new URL(stack.endpoint).port === String(port) ? stack : missing(folder, file);
}

/** Says which ports there are to name, if any. */
function missing(folder: string, file: string): never {
  const others = existsSync(folder)
    ? readdirSync(folder).flatMap((name) => /^(\d+)\.json$/.exec(name)?.[1] ?? [])
    : [];
  const advice = others.length > 0 ? `there may be others: --port ${others.join(', ')}` : remedy;
  throw new StackMissingError(`no such local stack is running (there is no ${file}); ${advice}`);
}

/** Undefined where there is no such file. @throws StackMissingError for a stack that has ended. */
function described(file: string): RunningStack | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = runningStackSchema.safeParse(fromJson(text));
  if (parsed.success) return running(parsed.data, file);
  throw new StackMissingError(
    `${file} does not describe a local stack; remove it and ${remedy}\n${z.prettifyError(parsed.error)}`,
  );
}

function running(stack: RunningStack, file: string): RunningStack {
  const gone = stack.pids.find(({ pid }) => !isAlive(pid));
  if (!gone) return stack;
  throw new StackMissingError(
    `the local stack has ended without saying so: ${gone.name} (process ${gone.pid}) of ${file} is gone; ${remedy}`,
  );
}

/** Also true of a later process with the same id: the stack's first answer, or none, tells then. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Turns this process to a stage. For `local` it is cut off from AWS and sees the running stack only;
 * for any other stage the caller's own credentials and region count.
 *
 * @throws StackMissingError without a running stack
 */
export function enterStage(stage: Stage, options: StackOptions = {}): RunningStack | undefined {
  if (stage !== 'local') return undefined;
  const stack = runningStack(options);
  useLocalAws(stack.endpoint);
  return stack;
}
