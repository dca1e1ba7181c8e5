/** How far long work is, for a person at a terminal; nobody else sees any of it. */

export interface BarOptions {
  readonly stream?: {
    readonly isTTY?: boolean;
    readonly columns?: number;
    write(text: string): unknown;
  };
}

export interface Bar {
  /** `total` undefined: nobody knows. */
  show(done: number, total: number | undefined, label: string): void;
  /** Takes the line away. */
  clear(): void;
}

const cells = 24;

export function progressBar({ stream = process.stderr }: BarOptions = {}): Bar {
  if (!stream.isTTY) return { show() {}, clear() {} };
  return {
    show(done, total, label) {
      const filled = total ? Math.min(cells, Math.round((cells * done) / total)) : 0;
      const bar = total ? `[${'#'.repeat(filled)}${'.'.repeat(cells - filled)}] ` : '';
      const text = `${bar}${done}${total === undefined ? '' : `/${total}`} ${label}`;
      stream.write(`\r\u001b[2K${text.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    clear: () => void stream.write('\r\u001b[2K'),
  };
}
