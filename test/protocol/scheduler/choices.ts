/** Who decides at each step of a run: a list of earlier choices and then the first, or a seed. */

export interface Option {
  /** For a trace: `A reads … (answer lost)`. */
  readonly isFault: boolean;
}

export interface Choices {
  /** The index of one of `options`, of which there are at least two. */
  choose(options: readonly Option[]): number;
  /** What was chosen so far: given to `scripted`, it is the same run again. */
  readonly taken: readonly number[];
}

export interface ScriptedChoices extends Choices {
  /** How many options there were at each choice. */
  readonly widths: readonly number[];
}

/** The choices of `script`, and the first option from there on. */
export function scripted(script: readonly number[]): ScriptedChoices {
  const taken: number[] = [];
  const widths: number[] = [];
  return {
    taken,
    widths,
    choose(options) {
      const choice = script[taken.length] ?? 0;
      if (choice >= options.length)
        throw new RangeError(`choice ${taken.length} is ${choice} of ${options.length}`);
      taken.push(choice);
      widths.push(options.length);
      return choice;
    },
  };
}

/** The script after this one, depth first; undefined after the last. */
export function nextScript({ taken, widths }: ScriptedChoices): readonly number[] | undefined {
  const last = taken.findLastIndex((choice, i) => choice + 1 < (widths[i] ?? 0));
  return last < 0 ? undefined : [...taken.slice(0, last), (taken[last] ?? 0) + 1];
}

/** One step in five is a fault, as long as there is one to choose. */
const faultRatio = 0.2;

export function seeded(seed: number): Choices {
  const random = mulberry32(seed);
  const taken: number[] = [];
  const among = (indexes: readonly number[]) => indexes[Math.floor(random() * indexes.length)] ?? 0;
  return {
    taken,
    choose(options) {
      const indexes = [...options.keys()];
      const faults = indexes.filter((i) => options[i]?.isFault);
      const plain = indexes.filter((i) => !options[i]?.isFault);
      const wantsFault = random() < faultRatio;
      const choice = among(
        faults.length > 0 && (wantsFault || plain.length === 0) ? faults : plain,
      );
      taken.push(choice);
      return choice;
    },
  };
}

/** A small generator of even quality: the same seed gives the same numbers everywhere. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
