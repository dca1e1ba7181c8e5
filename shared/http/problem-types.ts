/**
 * Every problem that a caller can meet, by slug: its status, its title, and what to do next. `type`
 * is `/problems/<slug>`, and docs/problems/<slug>.md is its page.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export interface ProblemRow {
  readonly status: number;
  readonly title: string;
  /**
   * - `no`: nothing about the request can be mended; it is refused again.
   * - `changed`: once the request, its token or its key is another.
   * - `later`: the very same request, a write under the same Idempotency-Key; after `Retry-After`
   *   where it is sent, else with a growing, jittered delay.
   */
  readonly retry: 'no' | 'changed' | 'later';
}

// biome-ignore format: a table, one problem a row
export const problemTypes = {
  'invalid-request':          { status: 400, title: 'The request is not valid', retry: 'changed' },
  'cursor-invalid':           { status: 400, title: 'The cursor is not one of this list', retry: 'changed' },
  'idempotency-key-missing':  { status: 400, title: 'The Idempotency-Key header is missing', retry: 'changed' },
  'idempotency-key-invalid':  { status: 400, title: 'The Idempotency-Key header is not valid', retry: 'changed' },
  'if-match-invalid':         { status: 400, title: 'The If-Match header is not one strong ETag', retry: 'changed' },
  'tenant-missing':           { status: 400, title: 'The token names no tenant', retry: 'changed' },
  'unauthenticated':          { status: 401, title: 'A valid bearer token is needed', retry: 'changed' },
  'api-key-invalid':          { status: 403, title: 'A valid API key is needed', retry: 'changed' },
  'tenant-mismatch':          { status: 403, title: 'The request names another tenant than its token', retry: 'changed' },
  'forbidden':                { status: 403, title: 'The caller may not do this', retry: 'no' },
  'not-found':                { status: 404, title: 'There is nothing here for this caller', retry: 'no' },
  'caller-deadline-exceeded': { status: 408, title: 'The time that the caller gave was too short', retry: 'later' },
  'request-in-progress':      { status: 409, title: 'The same request is being carried out', retry: 'later' },
  'stale-version':            { status: 409, title: 'It has changed since it was read', retry: 'changed' },
  'order-ended':              { status: 409, title: 'The order is cancelled or rejected', retry: 'no' },
  'order-lines-fixed':        { status: 409, title: 'The lines of the order can no longer change', retry: 'no' },
  'stock-insufficient':       { status: 409, title: 'There is less in stock than is to be taken out', retry: 'changed' },
  'insufficient-funds':       { status: 409, title: 'The account does not hold the amount', retry: 'changed' },
  'balance-exceeded':         { status: 409, title: 'The account cannot hold the amount', retry: 'changed' },
  'poll-closed':              { status: 409, title: 'The poll is closed', retry: 'no' },
  'coupon-already-redeemed':  { status: 409, title: 'This user has redeemed the coupon', retry: 'no' },
  'coupon-expired':           { status: 409, title: 'The coupon has expired', retry: 'no' },
  'coupon-exhausted':         { status: 409, title: 'Nothing is left of the coupon', retry: 'no' },
  'reward-already-claimed':   { status: 409, title: 'The reward of this day is claimed', retry: 'later' },
  'slot-taken':              { status: 409, title: 'A slot is held or booked', retry: 'changed' },
  'hold-expired':            { status: 409, title: 'The hold has ended', retry: 'no' },
  'booking-ended':           { status: 409, title: 'The booking has ended', retry: 'no' },
  'letter-not-parked':        { status: 409, title: 'The letter waits for nobody', retry: 'no' },
  'letters-not-replayable':   { status: 409, title: 'Not all of these letters can be replayed', retry: 'changed' },
  'body-too-large':           { status: 413, title: 'The body is too large', retry: 'changed' },
  'unsupported-media-type':   { status: 415, title: 'The body must be JSON', retry: 'changed' },
  'idempotency-key-reused':   { status: 422, title: 'The Idempotency-Key belongs to another request', retry: 'changed' },
  'item-unknown':             { status: 422, title: 'The order names an item that does not exist', retry: 'changed' },
  'currency-mixed':           { status: 422, title: 'The order mixes currencies', retry: 'changed' },
  'account-unknown':          { status: 422, title: 'The transfer names an account that does not exist', retry: 'changed' },
  'self-transfer':            { status: 422, title: 'The transfer names one account twice', retry: 'changed' },
  'currency-mismatch':        { status: 422, title: 'The transfer is not in the currency of its accounts', retry: 'changed' },
  'option-unknown':           { status: 422, title: 'The vote names an option that the poll does not have', retry: 'changed' },
  'letter-edit-invalid':      { status: 422, title: 'The edited letter would be refused again', retry: 'changed' },
  'events-not-kept':          { status: 422, title: 'Events of that time are no longer kept', retry: 'changed' },
  'precondition-required':    { status: 428, title: 'The If-Match header is missing', retry: 'changed' },
  'resource-unknown':        { status: 422, title: 'The booking names a resource that does not exist', retry: 'changed' },
  'slot-repeated':           { status: 422, title: 'The booking names a slot twice', retry: 'changed' },
  'slot-outside':            { status: 422, title: 'The booking names what is no slot to book', retry: 'changed' },
  'slots-not-contiguous':    { status: 422, title: 'The slots do not follow each other', retry: 'changed' },
  'rate-limited':             { status: 429, title: 'Too many requests at once', retry: 'later' },
  'relay-full':               { status: 429, title: 'The relay has no place for the job now', retry: 'later' },
  'quota-exceeded':           { status: 429, title: 'The quota of this API key is used up', retry: 'later' },
  'headers-too-large':        { status: 431, title: 'The headers are too large', retry: 'changed' },
  'internal':                 { status: 500, title: 'The service failed', retry: 'later' },
  'overloaded':               { status: 503, title: 'More work waits than the service can do', retry: 'later' },
  'dependency-unavailable':   { status: 503, title: 'Something this request needs does not answer', retry: 'later' },
  'deadline-exceeded':        { status: 504, title: 'The request ran out of time', retry: 'later' },
  'gateway-timeout':          { status: 504, title: 'The gateway had no answer in time', retry: 'later' },
} as const satisfies Record<string, ProblemRow>;

export type ProblemSlug = keyof typeof problemTypes;

/** `type` of a problem body. */
export const problemPath = (slug: ProblemSlug): string => `/problems/${slug}`;
