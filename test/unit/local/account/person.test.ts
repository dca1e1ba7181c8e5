import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { personAt } from '#local/account/person.ts';

function terminal({ isTTY = true } = {}) {
  const input = Object.assign(new PassThrough(), { isTTY });
  const output = Object.assign(new PassThrough(), { isTTY: true });
  const person = personAt({
    input: input as unknown as NodeJS.ReadStream,
    output: output as unknown as NodeJS.WriteStream,
  });
  return { input, output, person };
}

describe('who sits at the terminal', () => {
  it('is somebody only where both ends are a terminal', () => {
    expect(terminal().person.present).toBe(true);
    expect(terminal({ isTTY: false }).person.present).toBe(false);
  });

  it('is asked, and answers with a line', async () => {
    const { input, output, person } = terminal({ isTTY: false });
    const answer = person.ask('Sure? ');
    input.write('yes\nno\n');
    expect(await answer).toBe('yes');
    expect(String(output.read())).toContain('Sure? ');
  });

  it('says nothing by leaving', async () => {
    const { input, person } = terminal({ isTTY: false });
    const answer = person.ask('Sure? ');
    input.end();
    expect(await answer).toBeUndefined();
  });
});
