import type { Column } from './plant.ts';

/**
 * - `public`: everyone may read every row.
 * - `private`: some rows are for some people or for nobody; a canary is planted.
 * - `internal`: words of our own (kinds, states, names of operations), which say nothing of anybody.
 */
export type Privacy = 'public' | 'private' | 'internal';

type Classified = Readonly<Record<string, Readonly<Record<string, Privacy>>>>;

/** Tables that every subgraph has from kit. */
const kit: Classified = {
  outbox: {
    type: 'internal',
    aggregate_id: 'private',
    payload: 'private',
    actor_id: 'private',
    request_id: 'private',
    awaiting: 'internal',
  },
  dead_letter: { producer: 'internal', envelope: 'private', error: 'private' },
  idempotency: {
    actor_id: 'private',
    operation: 'internal',
    key: 'private',
    request_hash: 'private',
    answer: 'private',
  },
  migration: { name: 'internal' },
  // Ids and numbers; the ids of people are no words, and go when it ends.
  rights_task: {
    kind: 'internal',
    request_kind: 'internal',
    person_kind: 'internal',
    mode: 'internal',
    place: 'internal',
    counts: 'internal',
  },
};

/** pg-boss's own, of which only these hold what a job was told and what came of it; the rest are names of queues and states. */
const jobs: Classified = { job: { data: 'private', output: 'private' } };

/** The projection that subgraphs authorise by. */
const access: Classified = { post_access: { status: 'internal' }, community_member: { role: 'internal' } };

const perSubgraph: Readonly<Record<string, Classified>> = {
  users: {
    user: {
      username: 'public',
      username_folded: 'public',
      username_skeleton: 'public',
      name: 'public',
      bio: 'public',
      role: 'public',
      email: 'private',
      email_folded: 'private',
      password_hash: 'private',
    },
    session: {
      current_hash: 'private',
      previous_hash: 'private',
      end_reason: 'internal',
      user_agent: 'private',
      device: 'private',
      address: 'private',
      place: 'private',
      refresh_key_id: 'internal',
    },
    second_factor: { secret: 'private', key_id: 'internal' },
    recovery_code: { code_hash: 'private' },
    sign_in: {
      outcome: 'internal',
      reasons: 'internal',
      device: 'private',
      user_agent: 'private',
      address: 'private',
      network: 'private',
      place: 'private',
    },
    sign_in_challenge: { secret_hash: 'private', needs: 'internal' },
    token: { purpose: 'internal', hash: 'private', data: 'private' },
    email_change: { new_email: 'private' },
    mail: {
      effect_key: 'internal',
      template: 'internal',
      address: 'private',
      data: 'private',
      state: 'internal',
      outcome: 'internal',
      address_hash: 'private',
    },
    mailbox: { address: 'private', subject: 'private', text: 'private', html: 'private' },
    mail_suppression: { address_hash: 'private', reason: 'private' },
    mail_unsubscribed: { template: 'internal' },
    mail_secret: { secret: 'private' },
    notification_preference: { kind: 'internal', channel: 'internal' },
    suspension: { reason: 'private' },
    api_key: { name: 'private', scopes: 'internal', hash: 'private', previous_hash: 'private' },
    key: { id: 'public', purpose: 'internal', secret: 'private' },
    data_export: { status: 'internal' },
    data_export_source: { subgraph: 'internal', counts: 'internal' },
    data_export_part: { subgraph: 'internal', file: 'internal', body: 'private' },
    data_export_chunk: { bytes: 'private' },
    deletion: {
      mode: 'internal',
      status: 'internal',
      receipt_hash: 'private',
      username: 'private',
      address: 'private',
    },
    deletion_step: { subgraph: 'internal', phase: 'internal', counts: 'internal' },
  },
  content: {
    community: { name: 'private', name_folded: 'private', description: 'private', rules: 'private' },
    community_member: { role: 'internal' },
    post: {
      status: 'internal',
      title: 'private',
      slug: 'private',
      markdown: 'private',
      html: 'private',
      excerpt: 'private',
      tags: 'private',
      imported_from: 'private',
    },
    post_slug: { slug: 'private' },
    post_import: { imported_from: 'private' },
    post_tag: { tag: 'private' },
    post_revision: { title: 'private', markdown: 'private', tags: 'private', reason: 'private' },
  },
  engagement: { ...access, comment: { markdown: 'private', html: 'private' } },
  search: {
    ...access,
    document: {
      kind: 'internal',
      title: 'private',
      title_folded: 'private',
      body: 'private',
      tags: 'private',
      words: 'private',
      head: 'private',
    },
    tagged: { tag: 'private' },
    term: { word: 'private' },
    term_part: { part: 'private', word: 'private' },
    forgotten_word: { word: 'private' },
  },
  insights: {
    ...access,
    tracked_event: { kind: 'internal', viewer: 'private' },
    post_viewer: { viewer: 'private' },
    viewer_key: { name: 'internal', secret: 'private' },
    // Keys of persons are random, and say nothing without the row that leads to them.
    audit_person: { person_key: 'internal', secret: 'private' },
    audit_forgotten: { user_hash: 'internal' },
    audit_entry: {
      action: 'internal',
      actor_key: 'internal',
      subject_key: 'internal',
      subject_id: 'internal',
      via: 'internal',
      origin: 'private',
      reason: 'private',
    },
    post_hour: { kind: 'internal' },
    sentiment_text: { kind: 'internal', text: 'private' },
    // Numbers and labels; who may see them is the matrix's concern.
    sentiment: { kind: 'internal', label: 'internal', emotions: 'internal', model_version: 'internal' },
  },
};

/** What a column's contents are, by hand; null where nobody has said so yet. */
export function privacyOf({ subgraph, schema, table, column }: Column): Privacy | null {
  if (schema === 'job') return jobs[table]?.[column] ?? 'internal';
  return perSubgraph[subgraph]?.[table]?.[column] ?? kit[table]?.[column] ?? null;
}

/** Classified columns that no database has any more. */
export function staleAmong(columns: readonly Column[]): string[] {
  const there = new Set(columns.map(({ subgraph, table, column }) => `${subgraph}.${table}.${column}`));
  return Object.entries(perSubgraph).flatMap(([subgraph, tables]) =>
    Object.entries(tables).flatMap(([table, names]) =>
      Object.keys(names)
        .map((column) => `${subgraph}.${table}.${column}`)
        .filter((name) => !there.has(name)),
    ),
  );
}
