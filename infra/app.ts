/**
 * The CDK app: `cdk deploy --all -c stage=local|sandbox`.
 *
 * `-c alarmEmail=…` sends the alarms there. `-c reservedConcurrency=true` reserves concurrency in a
 * stage that by itself does not, where the account's quota allows it.
 */
import { App } from 'aws-cdk-lib/core';
import type { Stage } from '#functions/tables/names.ts';
import { bundle } from './bundle.ts';
import { type StageConfig, stages, toStage } from './config.ts';
import { addStacks, appProps } from './holdfast.ts';

const app = new App(appProps);
const said = (name: string): string | undefined => app.node.tryGetContext(name);

/** Where the caller's credentials point. Without any, templates are made for every place. */
function placeOfCaller(): Pick<StageConfig, 'place'> {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account && region ? { place: { account, region } } : {};
}

function stageOrExit(): Stage {
  try {
    return toStage(said('stage'));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const stage = stageOrExit();
const row = stages[stage];
const alarmEmail = said('alarmEmail');
addStacks(app, {
  stage,
  config: {
    ...placeOfCaller(),
    ...row,
    reservedConcurrency: row.reservedConcurrency || said('reservedConcurrency') === 'true',
  },
  code: bundle({ faults: row.numbers.faults }),
  ...(alarmEmail && { alarmEmail }),
});
