/** What the system, Node or a library calls an error: `ENOENT`, `Z_BUF_ERROR`. Undefined for one without a name of this kind. */
export function errorCodeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
