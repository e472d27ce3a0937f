import { openSource } from '../conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../conversation/repository/repository.ts';

/** Opens a source for one use and closes it afterwards. */
export async function withSource<T>(path: string, use: (reader: RepositoryReader) => Promise<T>): Promise<T> {
  await using reader = await openSource(path);
  return await use(reader);
}
