/**
 * What a stage in an account may have besides: said in its row (config.ts) or on deploy, as
 * `-c wafRate=2000`. All are off unless said, because each bills, or speaks to somebody.
 */
import { checkEmails } from './stage-option-checks.ts';

export interface StageOptions {
  /** An address that calls more often than this in five minutes is turned away by AWS WAF. 10 to
   *  2,000,000,000. Bills 6 USD a month, and 0.60 USD a million calls. */
  readonly wafRate?: number;
  /** Who hears of alarms, by their severity. */
  readonly alarms?: AlarmSubscriptions;
  /** The API answers under this name, and no longer under the one that AWS gave it. */
  readonly domain?: CustomDomain;
  /** Somebody is told of what the account is about to cost. */
  readonly budget?: Budget;
  /** A copy of every table each day, kept for 35 days. They have to be deleted before the stage can go. */
  readonly backups?: boolean;
  /** Functions get the concurrency that their rows reserve. A new account has 10 in all and must
   *  leave as many unreserved, so an account has to allow it first. */
  readonly reservedConcurrency?: boolean;
}

/** E-mail addresses, and URLs that begin with https. Each confirms once that it wants to hear. */
export interface AlarmSubscriptions {
  readonly page: readonly string[];
  readonly ticket: readonly string[];
}

export interface CustomDomain {
  /** `api.example.org` */
  readonly name: string;
  /** Of a certificate in ACM for this name, in the region of the stage. */
  readonly certificateArn: string;
  /** The first part of every path. Absent: none. */
  readonly basePath?: string;
  /** The zone in Route 53 that gets the name's record. Absent: its owner points the name at the
   *  output `DomainTarget`. */
  readonly hostedZoneId?: string;
}

/** Of the whole account: costs can be told by tags only where somebody has switched that on. */
export interface Budget {
  readonly monthlyUsd: number;
  readonly emails: readonly string[];
}

/** What can be said on deploy, by the name of the context. */
export const optionContexts = {
  wafRate: { value: 'CALLS', means: 'turn away an address above so many calls in 5 minutes' },
  alarmEmail: { value: 'ADDRESS', means: 'who hears of every alarm' },
  alarmPage: { value: 'LIST', means: 'who hears of pages: addresses and https URLs, by comma' },
  alarmTicket: { value: 'LIST', means: 'who hears of tickets, likewise' },
  domainName: { value: 'NAME', means: 'the name of the API, such as api.example.org' },
  domainCertificate: { value: 'ARN', means: 'its certificate in ACM, in the same region' },
  domainBasePath: { value: 'PART', means: 'the first part of every path below that name' },
  domainZone: { value: 'ID', means: 'the hosted zone in Route 53 that gets the record' },
  budgetUsd: { value: 'AMOUNT', means: 'what the account may cost in a month' },
  budgetEmail: { value: 'LIST', means: 'who hears of the budget, by comma' },
  backups: { means: 'a copy of every table each day' },
  reservedConcurrency: {
    means: "reserve it as functions/tables says; the account's quota must allow it",
  },
} as const satisfies Record<string, { readonly value?: string; readonly means: string }>;

export type OptionContext = keyof typeof optionContexts;

/** Contexts as the CDK hands them over: text from a command line, anything from cdk.json. */
export type Contexts = Readonly<Partial<Record<OptionContext, unknown>>>;

/** Reads, and leaves it to checkStageOptions whether it can be. @throws RangeError like that. */
export function readStageOptions(said: Contexts): StageOptions {
  const text = (name: OptionContext): string | undefined =>
    said[name] === undefined ? undefined : String(said[name]);
  const list = (name: OptionContext): string[] =>
    text(name)
      ?.split(',')
      .map((part) => part.trim()) ?? [];
  const everyAlarm = list('alarmEmail');
  checkEmails('alarmEmail', everyAlarm);
  const alarms = {
    page: [...new Set([...everyAlarm, ...list('alarmPage')])],
    ticket: [...new Set([...everyAlarm, ...list('alarmTicket')])],
  };
  const [basePath, hostedZoneId] = [text('domainBasePath'), text('domainZone')];

  refuseAlone(said, 'domainName', ['domainCertificate', 'domainBasePath', 'domainZone']);
  refuseAlone(said, 'budgetUsd', ['budgetEmail']);
  return {
    ...(said.wafRate !== undefined && { wafRate: toNumber('wafRate', said.wafRate) }),
    ...(alarms.page.length + alarms.ticket.length > 0 && { alarms }),
    ...(said.domainName !== undefined && {
      domain: {
        name: text('domainName') ?? '',
        certificateArn: text('domainCertificate') ?? '',
        ...(basePath !== undefined && { basePath }),
        ...(hostedZoneId !== undefined && { hostedZoneId }),
      },
    }),
    ...(said.budgetUsd !== undefined && {
      budget: { monthlyUsd: toNumber('budgetUsd', said.budgetUsd), emails: list('budgetEmail') },
    }),
    ...toSwitch('backups', text('backups')),
    ...toSwitch('reservedConcurrency', text('reservedConcurrency')),
  };
}

/** What is of no use without its leader shows that the leader was forgotten. */
function refuseAlone(
  said: Contexts,
  leader: OptionContext,
  others: readonly OptionContext[],
): void {
  const alone = said[leader] === undefined && others.find((name) => said[name] !== undefined);
  if (alone) throw new RangeError(`${alone} is said without ${leader}, got '${said[alone]}'`);
}

function toNumber(name: OptionContext, said: unknown): number {
  const number = String(said).trim() === '' ? Number.NaN : Number(said);
  if (Number.isNaN(number)) throw new RangeError(`${name} must be a number, got '${said}'`);
  return number;
}

function toSwitch<Name extends OptionContext>(name: Name, said: string | undefined) {
  if (said === undefined) return {};
  if (said !== 'true' && said !== 'false')
    throw new RangeError(`${name} must be true or false, got '${said}'`);
  return { [name]: said === 'true' } as { readonly [N in Name]: boolean };
}
