/**
 * The unit of work as Powertools' persistence layer: what `makeIdempotent` calls, and nothing that
 * decides. One instance a request, because Powertools keeps its state on the instance.
 *
 * Its flow: `saveInProgress`, the function, `saveSuccess`; or `deleteRecord` when the function
 * throws. It wraps errors of the two saves, and always returns the function's own value; so what
 * happened is kept here and by the unit of work, not read from the wrapper.
 */
import {
  IdempotencyConfig,
  IdempotencyItemAlreadyExistsError,
  makeIdempotent,
} from '@aws-lambda-powertools/idempotency';
import {
  BasePersistenceLayer,
  IdempotencyRecord,
} from '@aws-lambda-powertools/idempotency/persistence';

export interface UnitSteps<T> {
  /** True when an earlier answer was found: then neither of the others is called. */
  begin(): Promise<boolean>;
  perform(): Promise<T>;
  complete(result: T): Promise<void>;
  /** Called with what `perform` threw, before that leaves. What it throws itself is not heard. */
  release?(error: unknown): Promise<void>;
}

/** Ends a run without a commit; it leaves as a value, or as a cause. */
export class Refused<R> extends Error {
  readonly refusal: R;
  constructor(refusal: R) {
    super('refused');
    this.refusal = refusal;
  }
}

type LayerSteps<T> = Omit<UnitSteps<T>, 'perform' | 'release'> & { release(): Promise<void> };

class UnitLayer<T> extends BasePersistenceLayer {
  readonly #steps: LayerSteps<T>;

  constructor(steps: LayerSteps<T>) {
    super();
    this.#steps = steps;
  }

  override async saveInProgress(): Promise<void> {
    if (!(await this.#steps.begin())) return;
    const found = new IdempotencyRecord({
      idempotencyKey: 'kept by the unit of work',
      status: 'COMPLETED',
      expiryTimestamp: Number.MAX_SAFE_INTEGER,
    });
    throw new IdempotencyItemAlreadyExistsError('answered before', found);
  }

  override async saveSuccess(_: unknown, result: unknown): Promise<void> {
    await this.#steps.complete(result as T);
  }

  override async deleteRecord(): Promise<void> {
    await this.#steps.release();
  }

  protected override async _deleteRecord(): Promise<void> {
    throw new Error('a unit of work deletes no record');
  }
  protected override async _getRecord(): Promise<IdempotencyRecord> {
    throw new Error('a unit of work hands out no record');
  }
  protected override async _putRecord(): Promise<void> {
    throw new Error('a unit of work puts its record with its writes');
  }
  protected override async _updateRecord(): Promise<void> {
    throw new Error('a unit of work updates no record');
  }
}

/**
 * Runs the steps in Powertools' order.
 * @throws what a step threw, as it is; for an error of `release`, which hides it in Powertools, still
 * the one that it was called for.
 */
export async function runSteps<T>({
  begin,
  perform,
  complete,
  release,
}: UnitSteps<T>): Promise<void> {
  const config = new IdempotencyConfig({ hashFunction: 'sha256' });
  if (!config.isEnabled())
    throw new RangeError('POWERTOOLS_IDEMPOTENCY_DISABLED is set: every write could happen twice');

  let failure: { readonly error: unknown } | undefined;
  async function kept<V>(step: Promise<V>): Promise<V> {
    try {
      return await step;
    } catch (error) {
      failure = { error };
      throw error;
    }
  }
  // Without arguments: Powertools takes a second one for a Lambda context.
  const idempotent = makeIdempotent(async () => kept(perform()), {
    persistenceStore: new UnitLayer<T>({
      begin: () => kept(begin()),
      complete: (result) => kept(complete(result)),
      release: async () => release?.(failure?.error),
    }),
    config,
    keyPrefix: 'unit-of-work',
  });
  try {
    await idempotent();
  } catch (wrapped) {
    throw failure ? failure.error : wrapped;
  }
}
