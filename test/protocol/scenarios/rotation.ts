/** A rotation whose steps are repeated: beside themselves, late, after a death, and after the next one. */
import type { RotatingSecret } from '#shared/secrets/rotating-secret.ts';
import { LostAnswerError } from '#shared/state/memory-faults.ts';
import { faultsOf } from '../scheduler/call.ts';
import type { ActorSpec, Scenario } from '../scheduler/execute.ts';
import type { Self, Stage } from '../scheduler/stage.ts';
import type { Violation } from '../scheduler/trace.ts';

const first = { id: 'v1', value: 'the first' };
/** Secrets Manager repeats all steps when one has failed. */
const tries = 2;

/** The secret in the hands of one process: each call is a step. */
function inHandsOf(self: Self, secret: RotatingSecret): RotatingSecret {
  const call = <T>(verb: 'read' | 'write', what: string, perform: () => Promise<T>) =>
    self.step({ verb, what, faults: faultsOf[verb] ?? [] }, perform);
  return {
    look: () => call('read', 'looks at the secret', () => secret.look()),
    value: (id) => call('read', `reads ${id}`, () => secret.value(id)),
    fill: (id, value) => call('write', `fills ${id} with ${value}`, () => secret.fill(id, value)),
    promote: (id, from) =>
      call('write', `moves AWSCURRENT from ${from} to ${id}`, () => secret.promote(id, from)),
  };
}

interface Hands {
  /** All steps of a rotation, and all again when one has failed. @returns whether they were done. */
  carry(version: string): Promise<boolean>;
  /** One step, whatever becomes of it. */
  attempt(step: string, version: string): Promise<boolean>;
  /** As RotateSecret does, where no other rotation is under way. */
  begin(version: string): void;
}

type Actors = readonly {
  readonly name: string;
  readonly act: (hands: Hands) => Promise<void>;
}[];

const rotating = (name: string, actors: Actors): Scenario => ({
  name,
  frozenMs: 60_000,
  async start({ subject }: Stage) {
    const secret = subject.memoryRotatingSecret(first);
    const tested = new Set<string>([first.value]);
    const broken: Violation[] = [];
    const breaks = (never: string, because: string) => void broken.push({ never, because });
    const wereCurrent = [first.id];
    const values = new Map<string, string>();
    let newest = 'v2';
    secret.begin(newest);

    function handsOf(self: Self): Hands {
      const rotate = subject.rotation({
        secret: inHandsOf(self, secret),
        newValue: () => `a value of ${self.newId()}`,
        subject: 'secret',
        works({ value }) {
          tested.add(value);
          return true;
        },
      });
      async function attempt(step: string, version: string): Promise<boolean> {
        try {
          await rotate(step, version);
          return true;
        } catch (error) {
          const expected =
            error instanceof LostAnswerError ||
            (error as Error).name === 'RotationRefusedError' ||
            (error as Error).message === `version ${version} has no value`;
          if (!expected) throw error;
          return false;
        }
      }
      async function allSteps(version: string): Promise<boolean> {
        for (const step of subject.rotationSteps) if (!(await attempt(step, version))) return false;
        return true;
      }
      return {
        attempt,
        async carry(version) {
          for (let i = 0; i < tries; i++) if (await allSteps(version)) return true;
          return false;
        },
        begin(version) {
          const { pending, current } = secret.snapshot();
          if (pending !== current) return;
          secret.begin(version);
          newest = version;
        },
      };
    }

    function afterStep(by: string): readonly Violation[] {
      const now = secret.snapshot();
      const value = now.values[now.current];
      if (value === undefined) breaks('no current version', `${by}: ${now.current} has no value`);
      else if (!tested.has(value))
        breaks('a current version that was not tested', `${by}: ${now.current}`);
      for (const [id, text] of Object.entries(now.values)) {
        if (values.has(id) && values.get(id) !== text)
          breaks('a version whose value changes', `${by}: ${id}`);
        values.set(id, text);
      }
      const last = wereCurrent.at(-1);
      if (now.current !== last) {
        if (wereCurrent.includes(now.current))
          breaks('an older version current again', `${by}: ${now.current} after ${last}`);
        wereCurrent.push(now.current);
      }
      const before = wereCurrent.at(-2);
      if (now.previous !== before)
        breaks(
          'the version before not accepted any more',
          `${by}: ${now.previous ?? 'none'} instead of ${before ?? 'none'}`,
        );
      return broken;
    }

    return {
      actors: actors.map(
        ({ name: actor, act }): ActorSpec => ({
          name: actor,
          restarts: true,
          act: (self) => act(handsOf(self)),
        }),
      ),
      async epilogue(self) {
        const done = await handsOf(self).carry(newest);
        if (!done || secret.snapshot().current !== newest)
          breaks('a rotation that is never done', `${newest} is not current in the end`);
      },
      afterStep,
      audit: () => afterStep('the audit'),
      state: () => [secret.snapshot(), [...tested], wereCurrent, newest],
    };
  },
});

export const rotations: readonly Scenario[] = [
  rotating('rotation, its steps twice beside each other', [
    { name: 'A', act: async ({ carry }) => void (await carry('v2')) },
    { name: 'B', act: async ({ carry }) => void (await carry('v2')) },
  ]),
  rotating('rotation, and the next one beside it', [
    { name: 'A', act: async ({ carry }) => void (await carry('v2')) },
    {
      name: 'B',
      async act({ carry, begin }) {
        if (!(await carry('v2'))) return;
        begin('v3');
        await carry('v3');
      },
    },
  ]),
  rotating('rotation, beside somebody who finishes it too early', [
    { name: 'A', act: async ({ carry }) => void (await carry('v2')) },
    { name: 'B', act: async ({ attempt }) => void (await attempt('finishSecret', 'v2')) },
  ]),
];
