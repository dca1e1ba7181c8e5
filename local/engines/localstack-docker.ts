/**
 * LocalStack in its image, by docker-compose.localstack.yml: a project, a port and a volume of its own
 * for each run. Its functions run in containers, and it tells them its address itself.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertWhole } from '#shared/options/assert-numbers.ts';
import { checkout, holdfastFolder } from '../bootstrap/paths.mjs';
import { freePort } from '../ports.ts';
import { type DockerOptions, dockerVariables, needDocker } from './docker.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { answerOf, launch } from './launch.ts';

export interface LocalStackInDockerOptions extends EngineOptions, DockerOptions {
  readonly choosePort?: () => Promise<number>;
}

/** The container has twenty seconds to end its functions' containers; then comes what it leaves. */
const graceMs = 60_000;

export async function startLocalStackInDocker({
  folder = holdfastFolder,
  readyWithinMs = 600_000, // the first start pulls the image
  functionConcurrency = 24,
  choosePort = freePort,
  env = process.env,
  ...machine
}: LocalStackInDockerOptions = {}): Promise<Engine> {
  assertWhole({ functionConcurrency }, 1);
  await needDocker({ env, ...machine });
  const projectOf = (port: number) => `localstack-${port}`;
  return launch({
    name: 'localstack-docker',
    folder,
    readyWithinMs,
    choosePort,
    program: ({ port }) => ({
      command: process.execPath,
      args: [
        join(import.meta.dirname, 'compose-project.ts'),
        projectOf(port),
        join(checkout, 'docker-compose.localstack.yml'),
        'localstack',
      ],
      environment: {
        ...dockerVariables(env),
        HOLDFAST_LOCALSTACK_PORT: String(port),
        HOLDFAST_FUNCTION_CONCURRENCY: String(functionConcurrency),
      },
      graceMs,
      byHand: `docker compose -p ${projectOf(port)} down --volumes`,
    }),
    async isReady({ port, endpoint, logFile }) {
      // Docker has given nobody else the port then.
      if (!readFileSync(logFile, 'utf8').includes(`${projectOf(port)} is up\n`)) return false;
      await answerOf(`${endpoint}/_localstack/health`);
      return true;
    },
  });
}
