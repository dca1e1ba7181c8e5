/** The wish to end: Ctrl-C, a signal, or a reader of our output that has gone. */
import { constants } from 'node:os';

/** Somebody asked for the end. */
export class Interrupted extends Error {
  override name = 'Interrupted';
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`${signal === 'SIGINT' ? 'Ctrl-C' : signal}: everything is stopped`);
    this.exitCode = 128 + constants.signals[signal];
  }
}

/** One wish may arrive twice: a signal to our group, and the same passed on by who started us. */
const sameWishMs = 250;

/**
 * The first wish asks for an end in good order, the next one ends this process at once; what was
 * started with it ends by itself then.
 *
 * @returns aborted, with an Interrupted, at the first wish.
 */
export function endOnSignal(): AbortSignal {
  const ending = new AbortController();
  let askedAtMs = 0;
  const ask = (signal: NodeJS.Signals) => {
    const interrupted = new Interrupted(signal);
    if (!ending.signal.aborted) {
      askedAtMs = performance.now();
      ending.abort(interrupted);
    } else if (performance.now() - askedAtMs > sameWishMs) process.exit(interrupted.exitCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => ask(signal));
  let unread = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    if (!unread) ask('SIGPIPE');
    unread = true;
  });
  return ending.signal;
}
