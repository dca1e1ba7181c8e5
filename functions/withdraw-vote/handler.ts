/**
 * DELETE /polls/{id}/vote
 *
 * Without a vote it answers 200 as well, not 404: like its counterpart it says what is to be so, and a
 * caller who asks again under a fresh key, because the first answer was lost, is told that it is.
 */
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { changeVoteOf } from '../change-vote.ts';
import { voteHeaders } from '../domain/poll.ts';
import { readEnv } from '../env.ts';
import { writeRoute } from '../write-route.ts';
import { contract } from './contract.ts';

const environment = readEnv('withdraw-vote', process.env);
const store = dynamoStore({ tables: environment.tables });

export const handler = writeRoute(environment, contract, {
  store,
  decide: (call, reader) =>
    changeVoteOf(call, { pollId: call.input.path.id, option: null }, reader),
  headers: voteHeaders,
});
