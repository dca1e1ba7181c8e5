import { describe, expect, it } from 'vitest';
import { newLab } from '#local/capabilities/lab.ts';

const lab = () => newLab({ endpoint: 'http://127.0.0.1:9', region: 'us-east-1' });

describe('a lab', () => {
  it('undoes what was made last first, because what was made first may be needed for it', async () => {
    const { later, cleanUp } = lab();
    const undone: string[] = [];
    for (const thing of ['table', 'stream', 'mapping'])
      later(async () => {
        undone.push(thing);
      });
    await cleanUp();
    expect(undone).toEqual(['mapping', 'stream', 'table']);
  });

  it('undoes the rest when one thing cannot be undone, and says which could not', async () => {
    const { later, cleanUp } = lab();
    let undone = 0;
    later(async () => {
      undone++;
    });
    later(() => Promise.reject(new Error('it is held')));
    await expect(cleanUp()).rejects.toMatchObject({ errors: [new Error('it is held')] });
    expect(undone).toBe(1);
  });

  it('gives no name twice, and says in it what it is for', () => {
    const { name } = lab();
    const [one, other] = [name('queue'), name('queue')];
    expect(one).toMatch(/^probe-queue-[0-9a-f]{8}$/);
    expect(other).not.toBe(one);
  });

  it('asks until there is an answer', async () => {
    const answers = [undefined, false, 'here', 'too late'] as const;
    let asked = 0;
    const answer = await lab().eventually(async () => answers[asked++], {
      withinMs: 5_000,
      everyMs: 0,
    });
    expect(answer).toBe('here');
    expect(asked).toBe(3);
  });

  it('takes zero and the empty string for answers', async () => {
    const patience = { withinMs: 0, everyMs: 0 };
    expect(await lab().eventually(async () => 0, patience)).toBe(0);
    expect(await lab().eventually(async () => '', patience)).toBe('');
  });

  it('has no answer when the time is over, after one look at least', async () => {
    let asked = 0;
    const answer = await lab().eventually(
      async () => {
        asked++;
        return undefined;
      },
      { withinMs: 0 },
    );
    expect(answer).toBeUndefined();
    expect(asked).toBe(1);
  });

  it('says what did not happen, where that is presupposed', async () => {
    const never = async () => undefined;
    await expect(lab().must('the queue is there', never, { withinMs: 0 })).rejects.toThrow(
      'the queue is there: not within 0 ms',
    );
  });

  it('passes on the fault of a look', async () => {
    const lost = () => Promise.reject(new Error('connection lost'));
    await expect(lab().eventually(lost, { withinMs: 5_000 })).rejects.toThrow('connection lost');
  });
});
