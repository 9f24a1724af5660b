const LINE = /^gateway_cache_total\{([^}]*)\} (\d+)/;

/** Which part of its lookups each cache has answered, from the metrics page. */
export async function ratesOf(url: string, token: string): Promise<Readonly<Record<string, number>>> {
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  return hitRates(await response.text());
}

/** The same from the page's text: `gateway_cache_total{cache="response",outcome="hit"} 12`. */
export function hitRates(page: string): Readonly<Record<string, number>> {
  const counts = new Map<string, { hits: number; all: number }>();
  for (const line of page.split('\n')) {
    const [, labels = '', number = '0'] = LINE.exec(line) ?? [];
    const cache = /cache="([^"]*)"/.exec(labels)?.[1];
    const outcome = /outcome="([^"]*)"/.exec(labels)?.[1];
    if (cache === undefined || (outcome !== 'hit' && outcome !== 'miss')) continue;
    const count = counts.get(cache) ?? { hits: 0, all: 0 };
    count.all += Number(number);
    if (outcome === 'hit') count.hits += Number(number);
    counts.set(cache, count);
  }
  return Object.fromEntries([...counts].map(([cache, { hits, all }]) => [cache, all === 0 ? 0 : hits / all]));
}
