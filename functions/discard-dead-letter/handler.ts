/** DELETE /dlq/{queue}/{id} */
import { Problem } from '#shared/http/problem.ts';
import { discard } from '#shared/parking/discard-letter.ts';
import type { Letter } from '#shared/parking/letter.ts';
import { letterAddress, letterWrite, readLetter } from '#shared/parking/letter-items.ts';
import { withoutBody } from '#shared/parking/letters.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { queueOfSlug, toWholeLetterView } from '../domain/letter-view.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';

const environment = readEnv('discard-dead-letter', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  async decide({ caller, input }, reader) {
    const nowMs = Date.now();
    const at = letterAddress('parked', queueOfSlug(input.path.queue), input.path.id);
    const letter = readLetter(await reader.read(at), nowMs);
    if (!letter) return { refused: new Problem('not-found') };
    const { reason } = input.query;
    const decision = discard(letter, { by: caller.user, reason, nowMs });
    if (decision.how === 'refused')
      return {
        refused: new Problem('letter-not-parked', { detail: `It is ${decision.because}.` }),
      };
    return {
      answer: toAnswer(decision.letter),
      writes: decision.how === 'unchanged' ? [] : [letterWrite('parked', letter, decision.letter)],
    };
  },
});

/** The first answer is kept for replays, and a body may be larger than what is kept. */
const toAnswer = (letter: Letter) => toWholeLetterView(withoutBody(letter));
