import { describe, expect, it } from 'vitest';
import { StackRefused } from '#local/capabilities/lab/stack.ts';
import { unlessRefused } from '#local/capabilities/refusal.ts';

const named = (name: string, message = 'no', status = 400): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });

const found = (fault: Error) => unlessRefused(() => Promise.reject(fault));

describe('what an engine does not know', () => {
  it.each([
    named('InvalidAction'),
    named('InternalFailure', 'no route', 501),
    new StackRefused('Unrecognized resource types'),
  ])('is a finding: $name', async (fault) => {
    expect(await found(fault)).toMatchObject({ does: false });
  });

  it.each([
    named('ValidationException'),
    named('InternalError', 'it broke', 500),
    new TypeError('fetch failed'),
  ])('is no other error: $name passes on', async (fault) => {
    await expect(found(fault)).rejects.toBe(fault);
  });

  it('is told in the engine’s words, one line of them, without names of this run', async () => {
    const fault = named(
      'InvalidAction',
      'no move of probe-queue-0a1b2c3d at /usageplans/umbujyobrf/usage\n  here',
    );
    expect((await found(fault)).saw).toBe(
      'refused: InvalidAction: no move of probe-queue-… at /usageplans/…/usage',
    );
  });

  it('is told in short', async () => {
    expect((await found(named('InvalidAction', 'x'.repeat(500)))).saw.length).toBeLessThan(150);
  });
});
