/** Worker of `audit:record`. */
import { crashHere } from '#shared/faults/crash-point.ts';
import { dynamoStore } from '#shared/state/dynamodb-store.ts';
import { readEnv } from '../env.ts';
import { type EventType, eventTypes } from '../tables/events.ts';
import { worker } from '../worker.ts';
import { recordAudit } from './audit-record.ts';

const environment = readEnv('audit-record', process.env);
const store = dynamoStore({ tables: environment.tables });

type Audited = {
  [T in EventType]: (typeof eventTypes)[T]['queue'] extends 'audit:record' ? T : never;
}[EventType];

const audited = (Object.keys(eventTypes) as EventType[]).filter(
  (type): type is Audited => eventTypes[type].queue === 'audit:record',
);

export const handler = worker(environment, 'audit:record', {
  events: audited,
  store,
  decide: (event, { reader }) => recordAudit(event, reader),
  // esbuild folds this: where faults are not bundled, nothing of them is.
  crash:
    process.env.HOLDFAST_FAULTS_BUNDLED !== 'false' && environment.faults
      ? crashHere({ store, table: 'state', subject: 'audit:record' })
      : undefined,
});
