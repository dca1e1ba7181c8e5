/** The stacks themselves on an engine of their own, as `npm start` deploys them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { resourceName } from '#functions/tables/names.ts';
import { tables } from '#functions/tables/tables.ts';
import { deployStage } from '#local/deploy.ts';
import { startEngine } from '#local/engines/engines.ts';
import { defaultEngine } from '#local/engines/names.ts';
import { deployedResources } from '#local/settle/deployed.ts';
import { NotSettledError, settle } from '#local/settle/settle.ts';
import { everyStep } from '#local/settle/steps.ts';
import { settleClients } from '#local/stack.ts';
import { localAwsEnvironment, useLocalAws } from '#ops/aws-guard.ts';
import { clientOptions, patience } from '#shared/aws/client-options.ts';
import type {} from '../support/engine-under-test.ts';

async function freshlyDeployed() {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-settle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await startEngine(inject('engine') ?? defaultEngine, { folder });
  onTestFinished(engine.stop);
  useLocalAws(engine.endpoint);
  const { templates } = await deployStage({
    stage: 'local',
    environment: localAwsEnvironment(engine.endpoint),
    folder,
    logFile: join(folder, 'deploy.log'),
  });
  return deployedResources(templates, new CloudFormationClient(clientOptions(patience)));
}

/** A setting that every engine drops. */
const dropped = 'point-in-time recovery';

const allOthers = everyStep.filter(({ name }) => name !== dropped);

/** Of bringing the stacks up anew on the slowest engine. */
const timeout = 240_000;

describe('the stacks on an engine', { timeout }, () => {
  it('are not taken for settled with one step left out', async () => {
    const resources = await freshlyDeployed();
    const clients = settleClients();

    const failed = await settle({ resources, clients, applied: allOthers }).catch(
      (error: unknown) => error,
    );
    expect(failed).toBeInstanceOf(NotSettledError);
    const everyTable = Object.keys(tables).map((role) => resourceName('local', role));
    expect(
      (failed as NotSettledError).differences.map(({ resource }) => resource).toSorted(),
    ).toEqual(everyTable.toSorted());

    expect((await settle({ resources, clients })).map(({ step }) => step)).toEqual(
      everyTable.map(() => dropped),
    );
    expect(await settle({ resources, clients })).toEqual([]);
  });
});
