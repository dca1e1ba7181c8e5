/** A gauge that says what a test wants it to say. */
import type { Gauge } from '#shared/pressure/gauge.ts';
import type { Level } from '#shared/pressure/levels.ts';

export function gaugeAt(level: Level, nextReadingInMs = 4_200): Gauge & { looks: number } {
  const gauge = {
    looks: 0,
    async look() {
      gauge.looks += 1;
      return { level, known: true, queues: [], readAtMs: 0, ageMs: 0, nextReadingInMs };
    },
  };
  return gauge;
}
