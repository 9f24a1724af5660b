/** Polls until `condition` answers something truthy, and answers that. Throws after 30 s, naming what it waited for. */
export async function until<Result>(
  what: string,
  condition: () => Result | Promise<Result>,
  timeoutSeconds = 30,
): Promise<NonNullable<Result>> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`waited ${timeoutSeconds} s in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
