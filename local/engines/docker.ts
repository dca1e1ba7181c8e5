/** Whether this machine has what LocalStack's image needs, asked before anything is started. */
import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { existsSync } from 'node:fs';
import { EnvironmentMissing } from '../bootstrap/missing.mjs';

type Variables = Readonly<Record<string, string | undefined>>;

/** What the docker command reads of a person's environment; nothing of AWS. */
const ofDocker = /^(PATH|HOME|TMPDIR|LANG|DOCKER_.+|XDG_.+|SSH_AUTH_SOCK|(https?|no)_proxy)$/i;

export const dockerVariables = (env: Variables): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && ofDocker.test(name) ? [[name, value]] : [],
    ),
  );

/** Both what LocalStack's queue URLs hold, and what it calls itself towards its functions. */
export const localStackHost = 'localhost.localstack.cloud';

export interface DockerOptions {
  readonly env?: Variables;
  readonly platform?: NodeJS.Platform;
  /** The address of a name. */
  readonly resolve?: (name: string) => Promise<string>;
}

const instead = 'Or leave Docker out: npm start -- --engine localstack';

/** @throws EnvironmentMissing that says what is missing, and what to do. */
export async function needDocker({
  env = process.env,
  platform = process.platform,
  resolve = async (name) => (await lookup(name, { family: 4 })).address,
}: DockerOptions = {}): Promise<void> {
  const docker = (...args: readonly string[]) => ask('docker', args, dockerVariables(env));

  const compose = await docker('compose', 'version');
  if (compose.is === 'absent')
    throw missing(
      'there is no docker on the path',
      'Install Docker Engine or Docker Desktop (https://docs.docker.com/get-docker/).',
    );
  if (compose.is === 'failed')
    throw missing(
      `docker has no compose (${compose.why})`,
      'Install the compose plugin: apt install docker-compose-plugin, or https://docs.docker.com/compose/install/.',
    );

  const server = await docker('version', '--format', '{{.Server.Version}}');
  if (server.is !== 'done') {
    const refused = server.is === 'failed' && /permission denied/i.test(server.why);
    throw missing(
      `the Docker daemon ${refused ? 'refuses you' : 'does not answer'} (${server.is === 'failed' ? server.why : 'no docker'})`,
      refused
        ? 'Become a member of its group (sudo usermod -aG docker $USER, then log in again).'
        : 'Start it: sudo systemctl start docker, or open Docker Desktop.',
    );
  }

  const socket = env['DOCKER_SOCK'] || '/var/run/docker.sock';
  // Elsewhere the daemon is in a machine of its own, and so is its socket.
  if (platform === 'linux' && !existsSync(socket))
    throw missing(
      `there is no ${socket}, by which LocalStack starts functions`,
      'Where Docker is rootless or its socket lies elsewhere, name it: export DOCKER_SOCK=$XDG_RUNTIME_DIR/docker.sock.',
    );

  const address = await resolve(localStackHost).catch(() => 'nothing');
  if (address !== '127.0.0.1')
    throw missing(
      `${localStackHost}, which LocalStack's queue URLs hold, is ${address} here and not 127.0.0.1`,
      `Your name server leaves such answers out: add the line '127.0.0.1 ${localStackHost}' to /etc/hosts.`,
    );
}

const missing = (what: string, remedy: string) =>
  new EnvironmentMissing(
    `The engine localstack-docker needs Docker: ${what}.\n${remedy}\n${instead}`,
  );

type Asked =
  | { readonly is: 'done' }
  | { readonly is: 'absent' }
  | { readonly is: 'failed'; readonly why: string };

/** A daemon that hangs does not answer either. */
const answersWithinMs = 15_000;

const ask = (command: string, args: readonly string[], env: Record<string, string>) =>
  new Promise<Asked>((resolve) => {
    execFile(command, [...args], { env, timeout: answersWithinMs }, (error, _, stderr) => {
      if (!error) resolve({ is: 'done' });
      else if (error.code === 'ENOENT') resolve({ is: 'absent' });
      else
        resolve({
          is: 'failed',
          why:
            stderr.trim().split('\n')[0]?.replace(/\.$/, '') ||
            `no answer in ${answersWithinMs / 1000} s`,
        });
    });
  });
