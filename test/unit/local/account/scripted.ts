/** A person who answers what was written down for them, and the options of a command. */
import { readAccountOptions } from '#local/account/options.ts';
import type { Person } from '#local/account/person.ts';

export function scripted(answer?: string, { present = true } = {}) {
  const told: string[] = [];
  const asked: string[] = [];
  const person: Person = {
    present,
    tell: (text) => void told.push(text),
    async ask(question) {
      asked.push(question);
      return answer;
    },
  };
  return { person, asked, told: () => told.join('\n') };
}

export function options(command: 'deploy' | 'destroy', ...args: readonly string[]) {
  const read = readAccountOptions(command, ['--stage', 'sandbox', ...args]);
  if (read === 'help') throw new Error('that was no call for help');
  return read;
}

export const place = {
  account: '111122223333',
  region: 'eu-west-1',
  caller: 'arn:aws:iam::111122223333:user/me',
  endpoint: undefined,
};
