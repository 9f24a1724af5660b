import type { Context, Services } from 'kit/context';
import { settingsOf } from '../config.ts';
import { elasticsearch } from './engine/elasticsearch.ts';
import type { Engine } from './engine/engine.ts';
import { postgres } from './engine/postgres.ts';

const engines = new WeakMap<Services, Engine>();

/** The engine this process searches with: Elasticsearch where its address is set, else PostgreSQL. */
export function engineOf(ctx: Context): Engine {
  const { ELASTICSEARCH_URL: url, ELASTICSEARCH_INDEX: index } = settingsOf(ctx);
  if (!url) return postgres;
  let engine = engines.get(ctx.services);
  if (!engine) engines.set(ctx.services, (engine = elasticsearch(url, index, ctx.log)));
  return engine;
}
