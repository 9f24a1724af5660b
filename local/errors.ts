/**
 * A fault of this machine's set-up that its operator can mend: the message says what is wrong and what to do.
 * Whoever starts the engines prints the message alone and ends with an exit code other than 0.
 */
export class LocalError extends Error {
  override readonly name = 'LocalError';
}

/** The system's code of a failed call (`EACCES`, `ENOENT`), or an empty text where there is none. */
export function systemCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : '';
  return typeof code === 'string' ? code : '';
}

/** The words of whatever was thrown. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
}

/** What a failed file operation on `path` means for the operator, or null where it is a fault of ours. */
export function fileFault(error: unknown, path: string): LocalError | null {
  const advice = adviceFor(systemCode(error), path);
  return advice === null ? null : new LocalError(advice, { cause: error });
}

/** Runs file work on `path`; what an operator can mend comes out as a LocalError. */
export async function onFiles<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof LocalError ? error : (fileFault(error, path) ?? error);
  }
}

function adviceFor(code: string, path: string): string | null {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `${path} cannot be read and written by user ${process.getuid?.() ?? 'of this process'}: give the folder to that user (chown), or set DATA_DIR to another folder.`;
    case 'EROFS':
      return `${path} is on a read-only disk: set DATA_DIR to a folder that can be written.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk that holds ${path} is full: free some space, or set DATA_DIR to a folder on another disk.`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${path} is a file, or lies below one: set DATA_DIR to a folder.`;
    default:
      return null;
  }
}
