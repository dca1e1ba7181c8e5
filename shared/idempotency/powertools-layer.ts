/**
 * The unit of work as Powertools' persistence layer: what `makeIdempotent` calls, and nothing that
 * decides. One instance a request, because Powertools keeps its state on the instance.
 *
 * Its flow: `saveInProgress`, the function, `saveSuccess`; or `deleteRecord` when the function
 * throws. Errors of the two saves reach the caller wrapped, and the returned value is always the
 * function's own; so what happened is kept by the unit of work, not read from the wrapper.
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
}

class UnitLayer<T> extends BasePersistenceLayer {
  readonly #steps: UnitSteps<T>;

  constructor(steps: UnitSteps<T>) {
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

  /** Nothing was written before the commit, so there is nothing to free. */
  override async deleteRecord(): Promise<void> {}

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

/** Runs the steps in Powertools' order. @throws what a step threw, as it is or wrapped. */
export async function runSteps<T>(steps: UnitSteps<T>): Promise<void> {
  const config = new IdempotencyConfig({ hashFunction: 'sha256' });
  if (!config.isEnabled())
    throw new RangeError('POWERTOOLS_IDEMPOTENCY_DISABLED is set: every write could happen twice');
  // Without arguments: Powertools takes a second one for a Lambda context.
  const idempotent = makeIdempotent(async () => steps.perform(), {
    persistenceStore: new UnitLayer(steps),
    config,
    keyPrefix: 'unit-of-work',
  });
  await idempotent();
}
