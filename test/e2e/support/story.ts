import { formatStory } from '#ops/format.ts';
import { logsOf } from '#ops/log-reader.ts';
import { readStory, type Story } from '#ops/story.ts';
import { stage } from './stage.ts';

const suiteBeganMs = Date.now();

export const storyOf = (traceId: string): Promise<Story> =>
  readStory({ ...logsOf(stage), traceId, sinceMs: suiteBeganMs });

export const storyText = async (traceId: string): Promise<string> =>
  formatStory(await storyOf(traceId));
