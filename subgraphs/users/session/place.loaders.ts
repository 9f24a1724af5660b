import { pathToFileURL } from 'node:url';
import type { Context } from 'kit/context';
import { z } from 'zod';
import { settingsOf } from '../config.ts';

/** Where an address is said to be: coarse on purpose, to a degree of the globe (some hundred kilometres). */
export interface Place {
  readonly country: string | null;
  readonly city: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
}

/** What an operator's module exports as `placeOf`: from a database of theirs, no request to anybody. */
export type LookUpPlace = (address: string) => Promise<Partial<Place> | null> | Partial<Place> | null;

const LONGEST_MS = 500;

const name = z.string().max(100).nullish().default(null).catch(null);
const degrees = (most: number) =>
  z.number().min(-most).max(most).transform(Math.round).nullish().default(null).catch(null);
const shape = z.object({ country: name, city: name, latitude: degrees(90), longitude: degrees(180) });

const modules = new Map<string, Promise<LookUpPlace>>();

/** Throws where the module is not there, or has no such function. */
export function lookUpOf(module: string): Promise<LookUpPlace> {
  const known = modules.get(module);
  if (known) return known;
  const url = /^[a-z]+:/i.test(module) ? module : pathToFileURL(module).href;
  const loaded = import(url).then(({ placeOf }: { placeOf?: LookUpPlace }) => {
    if (typeof placeOf !== 'function') throw new Error('it exports no function placeOf');
    return placeOf;
  });
  modules.set(module, loaded);
  return loaded;
}

/** Where a request came from: by the operator's lookup, else the country that a trusted proxy has told the gateway; null where nobody knows. */
export async function placeOf(ctx: Context): Promise<Place | null> {
  const { address, place: country } = ctx.client;
  return (await lookedUp(ctx, address)) ?? (country === undefined ? null : shape.parse({ country }));
}

/** A lookup that fails or takes long stops no sign-in. */
async function lookedUp(ctx: Context, address: string): Promise<Place | null> {
  const { PLACE_LOOKUP_MODULE: module } = settingsOf(ctx);
  if (module === undefined || address === '') return null;
  try {
    const lookUp = await lookUpOf(module);
    const found = await Promise.race([lookUp(address), late()]);
    return found ? shape.parse(found) : null;
  } catch (error) {
    ctx.log.warn({ err: error }, 'the place of an address could not be looked up');
    return null;
  }
}

const late = (): Promise<never> =>
  new Promise((_resolve, reject) => {
    setTimeout(() => reject(new Error(`no answer within ${LONGEST_MS} ms`)), LONGEST_MS).unref();
  });

/** `Lisbon, PT`; empty where nothing is known. */
export const nameOfPlace = (place: Place | null): string =>
  [place?.city, place?.country].filter((part) => part != null).join(', ');

const EARTH_RADIUS_KM = 6371;
const radians = (angle: number): number => (angle * Math.PI) / 180;

/** Kilometres along the globe (haversine); null where one of the two is not known well enough. */
export function distanceKm(one: Place | null, other: Place | null): number | null {
  if (one?.latitude == null || one.longitude == null || other?.latitude == null || other.longitude == null) return null;
  const [a, b] = [radians(one.latitude), radians(other.latitude)];
  const h =
    Math.sin((b - a) / 2) ** 2 +
    Math.cos(a) * Math.cos(b) * Math.sin(radians(other.longitude - one.longitude) / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.sqrt(h));
}
