/**
 * Makes a function of generated JavaScript: `names` are what the code may refer to, besides the language itself. Callers put
 * text of a client into it as literals made by JSON.stringify only.
 */
export function generate<Made>(names: readonly string[], values: readonly unknown[], code: string): Made {
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- compiled shapes are what makes answers cheap
  const make = new Function(...names, code) as (...values: readonly unknown[]) => Made;
  return make(...values);
}
