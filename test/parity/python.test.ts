/**
 * The part of the engine that is written in Python has its tests in Python. Each of them is a test
 * here, under its own name, run by the Python and with the packages that the engine is run with.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkout } from '#local/bootstrap/paths.mjs';
import { enginePackages, findPython } from '#local/bootstrap/python.mjs';
import { localStackEnvironment } from '#local/engines/localstack.ts';

/** The whole of it takes some twenty seconds on an idle machine. */
const withinMs = 300_000;

const names = z.array(z.string()).min(1);
const results = z.array(
  z.object({ name: z.string(), passed: z.boolean(), detail: z.string(), ms: z.number() }),
);

const python = await findPython('localstack');
const packages = await enginePackages('localstack', python);

/** What the Python tests answer. A Python that fails is a rejection, with what it printed. */
async function ask(what: 'names' | 'results'): Promise<unknown> {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-python-'));
  const folder = { path, home: join(path, 'home'), temporary: join(path, 'tmp') };
  const answer = join(path, 'answer.json');
  try {
    mkdirSync(folder.home);
    mkdirSync(folder.temporary);
    await promisify(execFile)(
      python.executable,
      [join(checkout, 'local/engines/localstack/tests/as_json.py'), what, answer],
      {
        cwd: path,
        env: localStackEnvironment({
          port: 9,
          identity: 'tests',
          folder,
          packages,
          tables: 'http://127.0.0.1:9',
          functionConcurrency: 10,
        }),
        timeout: withinMs,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    return JSON.parse(readFileSync(answer, 'utf8'));
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}

/** `test_places.PlacesForProcesses.test_are_full` reads `places for processes are full`. */
function sentence(name: string): string {
  const [subject = '', method = ''] = name.split('.').slice(-2);
  const words = subject.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, ' ');
  return `${words.toLowerCase()} ${method.replace(/^test_/, '').replaceAll('_', ' ')}`;
}

const found = names.parse(await ask('names'));

describe('the engine in Python', () => {
  let outcomes: z.infer<typeof results> = [];

  beforeAll(async () => {
    outcomes = results.parse(await ask('results'));
  }, withinMs);

  it.each(found.map((name) => [sentence(name), name] as const))('%s', (_, name) => {
    const outcome = outcomes.find((it) => it.name === name);
    expect(outcome, `${name} gave no result`).toBeDefined();
    expect(outcome?.passed, outcome?.detail).toBe(true);
  });

  it('has no fault outside its tests', () => {
    expect(outcomes.filter(({ name }) => !found.includes(name))).toEqual([]);
  });
});
