/** What a whole run of the probes found, kept for documents to quote. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { checkout } from '../bootstrap/paths.mjs';
import type { ProbedEngine } from '../engines/names.ts';
import type { Finding } from './probe.ts';
import { type Capability, capabilities } from './table.ts';

const evidence = z.object({
  command: z.string(),
  engine: z.string(),
  version: z.string(),
  findings: z.record(z.string(), z.object({ does: z.boolean(), saw: z.string() })),
});

export interface Evidence {
  /** What was run to get it. */
  readonly command: string;
  readonly engine: string;
  /** Of the engine, as it says itself. */
  readonly version: string;
  /** By the table's rows, in its order. */
  readonly findings: Readonly<Record<string, Finding>>;
}

export const inTableOrder = (
  findings: Readonly<Partial<Record<Capability, Finding>>>,
): Readonly<Record<string, Finding>> =>
  Object.fromEntries(
    (Object.keys(capabilities) as Capability[]).flatMap((id) => {
      const finding = findings[id];
      return finding ? [[id, finding]] : [];
    }),
  );

const fileOf = (engine: ProbedEngine): string =>
  join(checkout, 'docs', 'evidence', 'engines', `${engine}.json`);

export const readEvidence = (engine: ProbedEngine): Evidence =>
  evidence.parse(JSON.parse(readFileSync(fileOf(engine), 'utf8')));

export const writeEvidence = (engine: ProbedEngine, found: Evidence): void =>
  writeFileSync(fileOf(engine), `${JSON.stringify(found, undefined, 2)}\n`);
