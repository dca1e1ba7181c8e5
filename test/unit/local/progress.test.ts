import { describe, expect, it } from 'vitest';
import { progress } from '#local/progress.ts';

/** A screen and a clock: `pass` lets time go by and calls whoever asked to be called. */
function follow({ isTTY }: { isTTY: boolean }) {
  let nowMs = 0;
  let screen = '';
  const ticks = new Set<() => void>();
  const steps = progress({
    stream: {
      isTTY,
      columns: 40,
      write: (text: string | Uint8Array) => {
        screen += text;
        return true;
      },
    },
    now: () => nowMs,
    every: (tick) => {
      ticks.add(tick);
      return () => ticks.delete(tick);
    },
  });
  const pass = (ms: number) => {
    nowMs += ms;
    for (const tick of ticks) tick();
  };
  return { steps, pass, screen: () => screen, waiting: () => ticks.size };
}

describe('steps that are not watched on a terminal', () => {
  it('are one plain line each when they are quick', async () => {
    const { steps, screen } = follow({ isTTY: false });
    expect(await steps.run('starting the engine', () => 7)).toBe(7);
    expect(screen()).toBe('✓ starting the engine · 0.0 s\n');
  });

  it('say that they go on, with what is known of them', async () => {
    const { steps, pass, screen } = follow({ isTTY: false });
    await steps.run('deploying', async (note) => {
      note('12 resources');
      pass(10_000);
      pass(1_234);
    });
    expect(screen()).toBe(
      'deploying… 10 s · 12 resources\ndeploying… 11 s · 12 resources\n✓ deploying · 11 s · 12 resources\n',
    );
  });

  it('end with the first line of the error, which goes on to the caller', async () => {
    const { steps, screen, waiting } = follow({ isTTY: false });
    const failure = new Error('no space\nleft');
    await expect(
      steps.run('deploying', async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(screen()).toBe('✗ deploying · 0.0 s · no space\n');
    expect(waiting()).toBe(0);
  });
});

describe('a step on a terminal', () => {
  it('is one line, rewritten in place and never longer than the screen', async () => {
    const { steps, pass, screen } = follow({ isTTY: true });
    await steps.run('deploying', async (note) => {
      note('a detail that would not fit on one line');
      pass(1_500);
    });
    const last = screen().split('\r\u001b[2K').at(-2);
    expect(last).toBe('deploying… 1.5 s · a detail that would ');
    expect(screen().match(/\n/g)).toHaveLength(1);
  });

  it('stays below what is printed meanwhile', async () => {
    const { steps, screen } = follow({ isTTY: true });
    await steps.run('deploying', async () => steps.line('a warning'));
    expect(screen()).toContain('\r\u001b[2Ka warning\n\r\u001b[2Kdeploying… 0.0 s');
  });
});
