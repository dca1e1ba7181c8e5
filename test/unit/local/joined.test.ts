import { describe, expect, it } from 'vitest';
import type { Engine } from '#local/engines/engine.ts';
import { joined } from '#local/engines/joined.ts';

/** Two engines that end when told to, or when a test lets them; and what was stopped, in turn. */
function pair({ stuck }: { readonly stuck?: Engine['name'] } = {}) {
  const stopped: string[] = [];
  const engine = (name: string) => {
    const { promise: died, resolve: die } = Promise.withResolvers<{
      code: number | null;
      tail: string;
    }>();
    const one: Engine = {
      name,
      endpoint: `http://${name}`,
      region: 'us-east-1',
      pid: 1,
      startedAt: '1',
      logFile: `${name}.log`,
      died,
      async stop() {
        await Promise.resolve();
        stopped.push(name);
        if (name === stuck) throw new Error(`${name} could not be ended`);
      },
    };
    return { one, die };
  };
  const [front, behind] = [engine('front'), engine('behind')];
  return { engine: joined(front.one, behind.one), front, behind, stopped };
}

describe('two engines that are one', () => {
  it('are known by the first', () => {
    const { engine } = pair();
    expect(engine).toMatchObject({
      name: 'front',
      endpoint: 'http://front',
      logFile: 'front.log',
    });
  });

  it('are stopped one after the other, the first first, and once', async () => {
    const { engine, stopped } = pair();
    await Promise.all([engine.stop(), engine.stop()]);
    await engine.stop();
    expect(stopped).toEqual(['front', 'behind']);
  });

  it('end together when the first ends, which is told with its own words', async () => {
    const { engine, front, stopped } = pair();
    front.die({ code: 7, tail: 'out of memory' });
    expect(await engine.died).toEqual({ code: 7, tail: 'out of memory' });
    await engine.stop();
    expect(stopped).toEqual(['front', 'behind']);
  });

  it('end together when the second ends, and nobody is sent to the wrong log', async () => {
    const { engine, behind, stopped } = pair();
    behind.die({ code: null, tail: 'killed' });
    expect(await engine.died).toEqual({
      code: null,
      tail: expect.stringMatching(/behind, which it needs, ended first.*behind\.log.*\nkilled$/),
    });
    await engine.stop();
    expect(stopped).toEqual(['front', 'behind']);
  });

  it('end without being told to, when one of them has', async () => {
    const { engine, behind, stopped } = pair();
    behind.die({ code: null, tail: 'killed' });
    await engine.died;
    await expect.poll(() => stopped).toEqual(['front', 'behind']);
  });

  it('are both stopped though the first cannot be, which is said', async () => {
    const { engine, stopped } = pair({ stuck: 'front' });
    await expect(engine.stop()).rejects.toThrow('front could not be ended');
    expect(stopped).toEqual(['front', 'behind']);
  });
});
