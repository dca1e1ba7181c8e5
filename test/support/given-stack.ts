/** What the global setups hand to tests: `inject('apiUrl')`. */
import type { Stage } from '#functions/tables/names.ts';

export interface GivenStack {
  /** By which its tables, queues and functions are named. */
  readonly stage: Stage;
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** The engine's address; undefined on AWS. */
  readonly endpoint: string | undefined;
  readonly region: string;
  /** API key by tenant. */
  readonly apiKeys: Readonly<Record<string, string>>;
}

declare module 'vitest' {
  interface ProvidedContext extends GivenStack {
    /** Why there is nothing to test against; undefined when there is. */
    setupFault: string | undefined;
  }
}
