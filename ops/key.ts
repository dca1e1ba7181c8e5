/** `npm run -s key -- --tenant acme`: prints the tenant's API key and nothing else. */
import { type DemoTenant, demoTenants } from '#functions/tables/tiers.ts';
import { readApiKeys } from './api-keys.ts';
import { failed, readOptions, stageNamed, wholeNumber } from './command-line.ts';
import { enterStage, type StackOptions } from './stack.ts';
import { stageGateway } from './stage-clients.ts';
import type { Output } from './token.ts';
import { UsageError } from './usage-error.ts';

const tenants = Object.keys(demoTenants) as DemoTenant[];

export const usage = `usage: npm run -s key -- --tenant <${tenants.join('|')}>
  --stage <local|sandbox>  whose gateway is asked (default local: the stack on this machine)
  --port <port>            the local stack whose endpoint has this port (default: the first one)
`;

function readArguments(args: readonly string[]) {
  const { values } = readOptions({
    args: [...args],
    options: {
      tenant: { type: 'string' },
      stage: { type: 'string', default: 'local' },
      port: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const tenant = tenants.find((one) => one === values.tenant);
  if (!tenant)
    throw new UsageError(`--tenant must be one of ${tenants.join(', ')}, got '${values.tenant}'`);
  return {
    tenant,
    stage: stageNamed(values.stage),
    port: values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535),
  };
}

/** @returns the exit code: 0 done, 2 used wrongly, 3 no stack. */
export async function key(
  args: readonly string[],
  { out, err }: Output,
  options: StackOptions = {},
): Promise<number> {
  try {
    const wanted = readArguments(args);
    if (wanted === 'help') {
      out(usage);
      return 0;
    }
    const { tenant, stage, port } = wanted;
    enterStage(stage, { ...options, port });
    out(`${(await readApiKeys(stage, stageGateway()))[tenant]}\n`);
    return 0;
  } catch (error) {
    return failed(error, usage, err);
  }
}

if (import.meta.main)
  process.exitCode = await key(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
