/** What the options of a stage must be like, wherever they were said. Named as they are on deploy. */
import type { AlarmSubscriptions, Budget, CustomDomain, StageOptions } from './stage-options.ts';

/** @throws RangeError that names the option and repeats its value. */
export function checkStageOptions({ wafRate, alarms, domain, budget }: StageOptions): void {
  if (wafRate !== undefined) checkWafRate(wafRate);
  if (alarms) checkAlarms(alarms);
  if (domain) checkDomain(domain);
  if (budget) checkBudget(budget);
}

const refuse = (name: string, wanted: string, got: unknown): never => {
  throw new RangeError(`${name} must be ${wanted}, got '${got}'`);
};

/** What AWS WAF takes. */
const wafRates = { least: 10, most: 2_000_000_000 };

function checkWafRate(rate: number): void {
  const { least, most } = wafRates;
  if (!Number.isInteger(rate) || rate < least || rate > most)
    refuse('wafRate', `a whole number from ${least} to ${most}`, rate);
}

/** Enough to catch a slip of the hand; whether somebody reads it shows when they confirm. */
const isEmail = (text: string): boolean => /^[^\s@,:/]+@[^\s@,:/]+\.[^\s@,:/.]+$/.test(text);

/** @throws RangeError that names the option and repeats what is no address. */
export function checkEmails(name: string, emails: readonly string[]): void {
  for (const email of emails) if (!isEmail(email)) refuse(name, 'e-mail addresses', email);
}

/** Without a name and password in it: they would stand in the template. */
const isHttpsUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
};

function checkAlarms({ page, ticket }: AlarmSubscriptions): void {
  for (const [name, listeners] of Object.entries({ alarmPage: page, alarmTicket: ticket }))
    for (const listener of listeners)
      if (!isEmail(listener) && !isHttpsUrl(listener))
        refuse(name, 'e-mail addresses, and https URLs without a password', listener);
}

const label = '[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?';
const hostname = new RegExp(`^(${label}\\.)+[a-z]{2,63}$`);
const certificate = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]{36}$/;

function checkDomain({ name, certificateArn, basePath, hostedZoneId }: CustomDomain): void {
  if (!hostname.test(name) || name.length > 253)
    refuse('domainName', 'a host name in small letters, such as api.example.org', name);
  if (!certificate.test(certificateArn))
    refuse('domainCertificate', 'the ARN of a certificate in ACM', certificateArn);
  if (basePath !== undefined && !/^[A-Za-z0-9_.-]{1,300}$/.test(basePath))
    refuse('domainBasePath', 'one part of a path, without slashes', basePath);
  if (hostedZoneId !== undefined && !/^Z[A-Z0-9]{1,31}$/.test(hostedZoneId))
    refuse('domainZone', 'the id of a hosted zone, such as Z0123456789ABCDEFGHIJ', hostedZoneId);
}

/** AWS Budgets tells ten addresses of one limit. */
const mostBudgetEmails = 10;

function checkBudget({ monthlyUsd, emails }: Budget): void {
  if (!Number.isFinite(monthlyUsd) || monthlyUsd < 1)
    refuse('budgetUsd', 'a number of US dollars from 1', monthlyUsd);
  if (emails.length === 0) refuse('budgetEmail', 'at least one e-mail address', '');
  if (emails.length > mostBudgetEmails)
    refuse('budgetEmail', `at most ${mostBudgetEmails} addresses`, emails.join(','));
  for (const email of emails) if (!isEmail(email)) refuse('budgetEmail', 'e-mail addresses', email);
}
