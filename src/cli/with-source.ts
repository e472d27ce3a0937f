import { openSource } from '../conversation/repository/open-source-adapter.ts';
import type { RepositoryReader } from '../conversation/repository/repository.ts';
import type { CommandContext } from './context.ts';

/** Opens a source for one use and closes it afterwards. */
export async function withSource<T>(
  path: string,
  { signal }: Pick<CommandContext, 'signal'>,
  use: (reader: RepositoryReader) => Promise<T>,
): Promise<T> {
  await using reader = await openSource(path, { signal });
  return await use(reader);
}
