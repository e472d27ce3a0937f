/**
 * A module of the built program: from the sources its threads start late, since each of them compiles them anew.
 * `npm run bench` builds first.
 */
export async function installed<Module>(path: string): Promise<Module> {
  return await import(new URL(`../dist/${path}.js`, import.meta.url).href);
}
