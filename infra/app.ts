/**
 * The CDK app: `cdk deploy --all -c stage=local|sandbox`, and with it `-c` for each option of
 * stage-options.ts.
 */
import { App } from 'aws-cdk-lib/core';
import { bundle } from './bundle.ts';
import { configOf, type StageConfig, toStage } from './config.ts';
import { addStacks, appProps } from './holdfast.ts';
import { type OptionContext, optionContexts } from './stage-options.ts';

const app = new App(appProps);
const said = (name: string): string | undefined => app.node.tryGetContext(name);

/** Where the caller's credentials point. Without any, templates are made for every place. */
function placeOfCaller(): Pick<StageConfig, 'place'> {
  const { CDK_DEFAULT_ACCOUNT: account, CDK_DEFAULT_REGION: region } = process.env;
  return account && region ? { place: { account, region } } : {};
}

/** What is said wrongly ends the app with one line, not with a stack trace. */
function orExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const stage = orExit(() => toStage(said('stage')));
const names = Object.keys(optionContexts) as OptionContext[];
const config = orExit(() => configOf(stage, Object.fromEntries(names.map((n) => [n, said(n)]))));
const code = bundle({ faults: config.numbers.faults });
orExit(() => addStacks(app, { stage, config: { ...placeOfCaller(), ...config }, code }));
