/** Two engines that are one: callers speak to the first, which needs the second. The end of either is the end of both. */
import type { Engine } from './engine.ts';

export function joined(front: Engine, behind: Engine): Engine {
  let stopping: Promise<void> | undefined;
  const stop = () => {
    // The first one first: until its end it may have something to write.
    stopping ??= front.stop().finally(behind.stop);
    return stopping;
  };
  const died = Promise.race([
    front.died,
    behind.died.then(({ code, tail }) => ({
      code,
      tail: `${behind.name}, which it needs, ended first; the log of that (${behind.logFile}) ends:\n${tail}`,
    })),
  ]);
  // Told at once, while the other still ends; whether that worked, the next `stop` says.
  const end = () => void stop().catch(() => {});
  died.then(end, end);
  return { ...front, died, stop };
}
