/** A sequence of numbers from 0 to 1 that is the same in each run (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

const TOPICS =
  words(`PostgreSQL Kubernetes TypeScript React Redis Elasticsearch GraphQL Docker Python Rust Kafka Linux Terraform
  Ansible Nginx Webpack Svelte Angular Django Flask Rails Laravel Jenkins Prometheus Grafana MongoDB Cassandra Haskell Elixir
  Kotlin Swift Flutter Android Firefox Chrome WebAssembly SQLite Spark Airflow Pandas`);
const SUBJECTS =
  words(`indexes caching migrations authentication replication deployments testing logging monitoring pagination
  transactions queues subscriptions schemas permissions backups upgrades rollbacks sharding partitions latency throughput memory
  compression encryption sessions cookies tokens webhooks notifications uploads thumbnails translations accessibility onboarding
  budgets meetings interviews gardening cooking painting running cycling photography astronomy chemistry history poetry chess`);
const QUALITIES =
  words(`simple boring reliable painless incremental practical honest gentle modern minimal advanced quiet surprising
  beautiful cheap expensive dangerous forgotten robust elegant readable portable scalable sustainable`);
const VERBS =
  words(`building scaling debugging measuring understanding replacing securing teaching rewriting automating choosing
  profiling refactoring documenting hosting migrating designing breaking fixing learning`);
const FILLER =
  words(`the a of to in that we our with for on from when which this these some most every after before under over between
  because however therefore although server client request response team week month year people project release version problem
  answer question reason result change idea example chapter lesson story morning office customer feature support data code form
  form note rate case page line list table key value time place part side way end start point`);

const BEGINNINGS = words(
  `quick micro cross hyper loop mono paper silver north river stone glass cloud copper lemon pixel`,
);
const ENDINGS = words(`parse lint dash bridge pack wave router cache forge stream queue guard scope mint spark graph`);

const TEMPLATES = [
  '{Verb} {quality} {subject} with {Topic}',
  'A {quality} guide to {Topic} {subject}',
  'Why our {subject} moved from {Topic} to {Topic}',
  '{Topic} {subject}: what we learned from {quality} {subject}',
  'How to stop {verb} {subject} and love {Topic}',
  'Ten lessons on {quality} {subject}',
  'The {quality} history of {subject} in {Topic}',
  '{Quality} {subject}, {quality} {subject}',
  '{Topic} and the art of {verb} {subject}',
  'Notes on {verb} {Topic} {subject} for teams',
];

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Titles and texts as blogs have them: no two titles are the same, most of their words are in many. */
export function realisticPosts(count: number, random: () => number): { title: string; text: string }[] {
  const pick = (from: readonly string[]): string => from[Math.floor(random() * from.length)] ?? '';
  const lists: Record<string, readonly string[]> = {
    topic: TOPICS,
    subject: SUBJECTS,
    quality: QUALITIES,
    verb: VERBS,
  };
  const fill = (template: string): string =>
    template.replace(/\{(\w+)\}/g, (_, name: string) => {
      const word = pick(lists[name.toLowerCase()] ?? []);
      return /^[A-Z]/.test(name) ? capital(word) : word;
    });
  // A third are names of one or two words, as projects have them: nothing else of the title says which is meant.
  const name = (): string => `${pick(BEGINNINGS)}${random() < 0.5 ? '' : '-'}${pick(ENDINGS)}`;
  const titles = new Set<string>();
  while (titles.size < count) titles.add(random() < 0.33 ? name() : fill(pick(TEMPLATES)));
  const all = [...FILLER, ...FILLER, ...FILLER, ...TOPICS, ...SUBJECTS, ...QUALITIES, ...VERBS].map((word) =>
    word.toLowerCase(),
  );
  return [...titles].map((title) => ({
    title,
    text: Array.from({ length: 60 + Math.floor(random() * 200) }, () => pick(all)).join(' '),
  }));
}

/** The title with one letter replaced, added, missing or swapped with the next, in any of its words. */
export function withOneLetterWrong(title: string, random: () => number): string {
  const places = [...title].flatMap((letter, index) => (/\p{L}/u.test(letter) ? [index] : []));
  for (;;) {
    const at = places[Math.floor(random() * places.length)] ?? 0;
    const letter = String.fromCharCode(97 + Math.floor(random() * 26));
    const [before, after] = [title.slice(0, at), title.slice(at + 1)];
    const old = title[at] ?? '';
    const wrong = [
      before + letter + after,
      before + letter + old + after,
      before + after,
      before + (after[0] ?? '') + old + after.slice(1),
    ][Math.floor(random() * 4)];
    if (wrong !== undefined && wrong !== title && !/^\s|\s\s|\s$/.test(wrong)) return wrong;
  }
}
