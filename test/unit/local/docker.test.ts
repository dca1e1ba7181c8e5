import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EnvironmentMissing } from '#local/bootstrap/missing.mjs';
import { checkout } from '#local/bootstrap/paths.mjs';
import { dockerVariables, needDocker } from '#local/engines/docker.ts';
import { startLocalStackInDocker } from '#local/engines/localstack-docker.ts';
import { EngineError } from '#local/engines/supervised.ts';
import { eventually, scratchFolder } from './scratch.ts';

/** How a `docker` answers what it is asked: clauses of a shell's `case`. */
const healthy = `
  'compose version'*) echo 2.40.0 ;;
  version*) echo 28.0.0 ;;`;

/** A machine with such a `docker`, or none, a socket, and a name server that knows LocalStack's name. */
function machine(answers: string | undefined) {
  const folder = scratchFolder();
  if (answers !== undefined) {
    const program = join(folder, 'docker');
    writeFileSync(
      program,
      `#!/bin/sh
echo "$HOLDFAST_LOCALSTACK_PORT $*" >> ${folder}/asked
case "$*" in
${answers.replaceAll('FOLDER', folder)}
esac
`,
    );
    chmodSync(program, 0o755);
  }
  const socket = join(folder, 'docker.sock');
  writeFileSync(socket, '');
  return {
    folder,
    options: {
      env: {
        PATH: answers === undefined ? folder : `${folder}:/usr/bin:/bin`,
        DOCKER_SOCK: socket,
      } as Record<string, string>,
      platform: 'linux' as const,
      resolve: async () => '127.0.0.1',
    },
    asked: () => readFileSync(join(folder, 'asked'), 'utf8').trimEnd().split('\n'),
  };
}

describe('what LocalStack in Docker needs', () => {
  it('is there', async () => {
    await expect(needDocker(machine(healthy).options)).resolves.toBeUndefined();
  });

  it.each([
    ['no docker', undefined, {}, /there is no docker on the path\.\nInstall Docker Engine/],
    [
      'a docker without compose',
      `'compose version'*) printf 'docker: unknown command: docker compose\\n\\nRun something\\n' >&2; exit 1 ;;`,
      {},
      /docker has no compose \(docker: unknown command: docker compose\)\.\nInstall the compose plugin/,
    ],
    [
      'a daemon that does not run',
      `version*) echo 'Cannot connect to the Docker daemon. Is it running?' >&2; exit 1 ;;`,
      {},
      /the Docker daemon does not answer \(Cannot connect .+\)\.\nStart it/,
    ],
    [
      'a daemon that is not for everybody',
      `version*) echo 'permission denied while trying to connect' >&2; exit 1 ;;`,
      {},
      /the Docker daemon refuses you \(permission denied .+\)\.\nBecome a member of its group/,
    ],
    [
      'no socket',
      healthy,
      { env: { DOCKER_SOCK: '/nowhere' } },
      /there is no \/nowhere, by which LocalStack starts functions\.\n.*export DOCKER_SOCK=/,
    ],
    [
      'a name server that hides addresses of this machine',
      healthy,
      { resolve: () => Promise.reject(new Error('ENOTFOUND')) },
      /localhost\.localstack\.cloud, which .+, is nothing here and not 127\.0\.0\.1\.\n.*\/etc\/hosts/,
    ],
  ])('is told where there is %s', async (_, answers, lacking, message) => {
    const { options } = machine(answers);
    const env = { ...options.env, ...('env' in lacking && lacking.env) };
    const failed = needDocker({ ...options, ...lacking, env });
    await expect(failed).rejects.toThrow(EnvironmentMissing);
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow('npm start -- --engine localstack');
  });

  it('is no socket of this machine where Docker has one of its own', async () => {
    const { options } = machine(healthy);
    const env = { ...options.env, DOCKER_SOCK: '/nowhere' };
    await expect(needDocker({ ...options, env, platform: 'darwin' })).resolves.toBeUndefined();
  });

  it('is nothing of AWS', () => {
    const variables = {
      PATH: '/bin',
      DOCKER_HOST: 'unix:///x',
      https_proxy: 'p',
      AWS_PROFILE: 'me',
    };
    expect(Object.keys(dockerVariables(variables))).toEqual(['PATH', 'DOCKER_HOST', 'https_proxy']);
  });
});

describe('LocalStack in Docker', { timeout: 30_000 }, () => {
  /** Its container ends when the file `gone` is there, as it is when it is taken down. */
  const container = `${healthy}
  wait*) while [ -e FOLDER/docker ] && [ ! -e FOLDER/gone ]; do sleep 0.05; done ;;
  *down*) touch FOLDER/gone ;;
  *logs*) echo 'out of memory' ;;`;

  /** A machine with a `docker` whose container answers on a port of its own. */
  async function withContainer(more = '') {
    const { folder, options, asked } = machine(`${more}${container}`);
    const server = createServer((_, response) => response.end('{}')).listen(0, '127.0.0.1');
    onTestFinished(() => void server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const project = `compose --project-name localstack-${port} --file ${checkout}/docker-compose.localstack.yml`;
    const end = () => writeFileSync(join(folder, 'gone'), '');
    return { folder, options, asked, port, project, end };
  }

  async function started(options: Parameters<typeof startLocalStackInDocker>[0]) {
    const engine = await startLocalStackInDocker(options);
    onTestFinished(engine.stop);
    return engine;
  }

  it('has a project and a port of its own, and goes with its volumes', async () => {
    const { folder, options, asked, port, project } = await withContainer();

    const engine = await started({ ...options, folder, choosePort: async () => port });
    expect(engine).toMatchObject({
      name: 'localstack-docker',
      endpoint: `http://127.0.0.1:${port}`,
    });
    await engine.stop();

    expect(asked()).toEqual(
      expect.arrayContaining([
        `${port} ${project} up --wait`,
        `${port} wait localstack-${port}-localstack-1`,
      ]),
    );
    expect(asked()).toContain(`${port} ${project} down --volumes --timeout 20`);
    expect(readdirSync(join(folder, 'run'))).toEqual([]);
  });

  it('has ended when its container has, with the end of what that said', async () => {
    const { folder, options, asked, port, project, end } = await withContainer();
    const engine = await started({ ...options, folder, choosePort: async () => port });
    await eventually('its log is read', () => asked().some((words) => words.includes(' logs ')));
    end();
    expect(await engine.died).toEqual({ code: 1, tail: expect.stringContaining('out of memory') });
    expect(asked()).toContain(`${port} ${project} down --volumes --timeout 20`);
  });

  it('tells when it could not be taken down, with what Docker said and what removes it', async () => {
    const { folder, options, port } = await withContainer(`
  *down*) touch FOLDER/gone; echo 'volume is in use' >&2; exit 1 ;;`);
    const engine = await startLocalStackInDocker({
      ...options,
      folder,
      choosePort: async () => port,
    });
    const stopping = engine.stop();
    await expect(stopping).rejects.toThrow(EngineError);
    await expect(stopping).rejects.toThrow(
      new RegExp(
        `did not end well;[\\s\\S]*volume is in use\nWhat .+: docker compose -p localstack-${port} down --volumes$`,
      ),
    );
  });

  it('takes another port when Docker has given the chosen one away', async () => {
    const taken = 54_321;
    const { folder, options, asked, port } = await withContainer(`
  *localstack-${taken}*up*) echo 'Bind for 127.0.0.1:${taken} failed: port is already allocated' >&2; exit 1 ;;
  *localstack-${taken}*down*) ;; # the other container stays`);
    const choices = [taken, port];
    const engine = await started({
      ...options,
      folder,
      choosePort: async () => choices.shift() ?? 0,
    });
    expect(engine.endpoint).toBe(`http://127.0.0.1:${port}`);
    expect(asked()).toContainEqual(expect.stringMatching(`^${taken} .* down --volumes`));
  });

  it('says what Docker said when it does not come up', async () => {
    const { folder, options, port } = await withContainer(`
  *up*) echo 'manifest unknown' >&2; exit 1 ;;`);
    const starting = startLocalStackInDocker({ ...options, folder, choosePort: async () => port });
    await expect(starting).rejects.toThrow(EngineError);
    await expect(starting).rejects.toThrow(/ended before it was ready[\s\S]*manifest unknown/);
  });

  it('is taken down when those who look after it are killed', async () => {
    const { options, asked, project, port } = await withContainer();
    const [, name = '', , file = ''] = project.split(' ').slice(1);
    const child = spawn(
      process.execPath,
      [join(checkout, 'local/engines/compose-project.ts'), name, file, 'localstack'],
      {
        env: { ...options.env, HOLDFAST_LOCALSTACK_PORT: String(port) },
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(asked()).toContain(`${port} ${project} down --volumes --timeout 20`);
  });

  it('is not started where something is missing', async () => {
    const { options } = machine(undefined);
    const folder = scratchFolder();
    await expect(startLocalStackInDocker({ ...options, folder })).rejects.toMatchObject({
      exitCode: 3,
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
