/** Who sits at the terminal, if anybody does. */
import { createInterface } from 'node:readline/promises';

export interface Person {
  /** Whether there is somebody to ask. */
  readonly present: boolean;
  readonly tell: (text: string) => void;
  /** Undefined when they end it instead of answering. */
  readonly ask: (question: string) => Promise<string | undefined>;
}

interface Streams {
  readonly input: NodeJS.ReadStream;
  readonly output: NodeJS.WriteStream;
}

export const personAt = ({
  input = process.stdin,
  output = process.stdout,
}: Partial<Streams> = {}): Person => ({
  present: input.isTTY === true && output.isTTY === true,
  tell: (text) => void output.write(`${text}\n`),
  async ask(question) {
    const lines = createInterface({ input, output });
    try {
      const ended = new Promise<undefined>((resolve) =>
        lines.once('close', () => resolve(undefined)),
      );
      return await Promise.race([lines.question(question), ended]);
    } finally {
      lines.close();
    }
  },
});
