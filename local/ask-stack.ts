/** What a named stack says of itself: its stage, by its own health, and its keys, by its gateway. */
import * as z from 'zod';
import { type Stage, stageNames } from '#functions/tables/names.ts';
import { readApiKeys } from '#ops/api-keys.ts';
import { useLocalAws } from '#ops/aws-guard.ts';
import { StackMissingError } from '#ops/stack.ts';
import { stageGateway } from '#ops/stage-clients.ts';
import type { NamedStack } from './named-stack.ts';

export interface AskedStack extends NamedStack {
  readonly stage: Stage;
  readonly apiKeys: Readonly<Record<string, string>>;
}

export interface AskOptions {
  readonly fetch?: typeof globalThis.fetch;
  /** By tenant; asked where none were said. */
  readonly keysOf?: (stage: Stage) => Promise<Readonly<Record<string, string>>>;
  readonly withinMs?: number;
}

/**
 * The environment of this process becomes the stack's: AWS clients that it builds from here on go
 * where the stack is, with dummy keys on this machine and with the caller's own credentials on AWS.
 *
 * @throws StackMissingError, with the reason and what to look at
 */
export async function enterNamedStack(
  named: NamedStack,
  {
    fetch = globalThis.fetch,
    keysOf = (stage) => readApiKeys(stage, stageGateway()),
    withinMs = 15_000,
  }: AskOptions = {},
): Promise<AskedStack> {
  if (named.endpoint === undefined) process.env['AWS_REGION'] = named.region;
  else useLocalAws(named.endpoint);
  const stage = await stageOf(named, fetch, withinMs);
  return { ...named, stage, apiKeys: named.apiKeys ?? (await keysAsked(named, stage, keysOf)) };
}

const health = z.object({ status: z.literal('ok'), stage: z.enum(stageNames) });

async function stageOf(
  { apiUrl, endpoint }: NamedStack,
  fetch: typeof globalThis.fetch,
  withinMs: number,
): Promise<Stage> {
  const url = `${apiUrl}/health`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(withinMs) }).catch((error) => {
    throw new StackMissingError(
      `${url} does not answer (${reasonOf(error)}): is the stack there, and is this the URL that it was given?`,
    );
  });
  const parsed = health.safeParse(fromJson(await answer.text()));
  if (answer.status !== 200 || !parsed.success)
    throw new StackMissingError(
      `${url} answered ${answer.status}, and not as this service does: the URL ends with the stage of the API, as in https://….amazonaws.com/v1`,
    );
  const { stage } = parsed.data;
  if (stage === 'local' && endpoint === undefined)
    throw new StackMissingError(
      `${url} says that it is stage local, which is in nobody's account: name its engine in HOLDFAST_ENDPOINT`,
    );
  return stage;
}

const reasonOf = (error: unknown): string => {
  const { message, cause } = error as Error & { readonly cause?: NodeJS.ErrnoException };
  return cause?.code ?? cause?.message ?? message;
};

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** What a caller may do about each refusal, by the name of the error. */
const remedies: readonly (readonly [fits: RegExp, remedy: string])[] = [
  [
    /^CredentialsProviderError$/,
    'log in (aws sso login), set AWS_PROFILE, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  ],
  [
    /^(ExpiredToken.*|UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException)$/,
    'these credentials are not good, or no longer: log in again',
  ],
  [
    /^(AccessDenied.*|UnauthorizedException|ForbiddenException)$/,
    'they need apigateway:GET on /apikeys',
  ],
];

async function keysAsked(
  { region }: NamedStack,
  stage: Stage,
  keysOf: NonNullable<AskOptions['keysOf']>,
): Promise<Readonly<Record<string, string>>> {
  try {
    return await keysOf(stage);
  } catch (error) {
    if (error instanceof StackMissingError || !(error instanceof Error)) throw error;
    const [, remedy] = remedies.find(([fits]) => fits.test(error.name)) ?? [];
    if (!remedy) throw error;
    throw new StackMissingError(
      `the API keys of stage ${stage} cannot be read in ${region} (${error.name}): ${remedy}. Or say them in HOLDFAST_API_KEYS (JSON, by tenant).`,
    );
  }
}
