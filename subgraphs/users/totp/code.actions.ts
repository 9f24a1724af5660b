import { createHash, randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import type { Change, Context } from 'kit/context';
import { sql } from 'kit/database';
import { type Id, toUuid } from 'kit/ids';
import type { Sealed } from '../key/key.loaders.ts';
import { sealTotp, unsealTotp } from './secret.actions.ts';

/** What authenticator programs take for granted (RFC 6238). */
const FORM = { algorithm: 'SHA1', digits: 6, period: 30 } as const;
/** Steps before and after the present one: clocks differ, and people type slowly. */
const WINDOW = 1;
const SECRET_BYTES = 20;
export const RECOVERY_CODES = 10;
const RECOVERY_BYTES = 10;

export interface Enrolment {
  readonly isConfirmed: boolean;
}

interface FactorRow extends Sealed {
  readonly isConfirmed: boolean;
  readonly lastStep: number | null;
}

export const totpOf = (secret: Uint8Array, issuer: string, label: string): TOTP =>
  new TOTP({ ...FORM, issuer, label, secret: new Secret({ buffer: new Uint8Array(secret).buffer }) });

/** A secret in place of one that has not been confirmed; null where the second factor is on already. */
export async function enrol(tx: Change, userId: Id): Promise<Buffer | null> {
  const secret = randomBytes(SECRET_BYTES);
  const { keyId, sealed } = await sealTotp(tx, userId, secret);
  const [begun] = await tx.rows(sql`
    insert into second_factor (user_id, secret, key_id) values (${toUuid(userId)}, ${sealed}, ${keyId})
    on conflict (user_id) do update
      set secret = excluded.secret, key_id = excluded.key_id, started_at = now(), last_step = null
      where second_factor.confirmed_at is null
    returning 1`);
  return begun ? secret : null;
}

/** Whether a person's second factor is on. */
export async function hasSecondFactor(ctx: Context, userId: Id): Promise<boolean> {
  const rows = await ctx.rows(sql`
    select 1 from second_factor where user_id = ${toUuid(userId)} and confirmed_at is not null`);
  return rows.length > 0;
}

/** Uses a code of now up: each step is good once, so that whoever looks over a shoulder comes too late. */
export async function spendTotp(tx: Change, userId: Id, code: string, which: Enrolment): Promise<boolean> {
  const [row] = await tx.rows<FactorRow>(sql`
    select secret as sealed, key_id as "keyId", last_step as "lastStep", confirmed_at is not null as "isConfirmed"
    from second_factor where user_id = ${toUuid(userId)} for no key update`);
  const digits = code.replace(/\s/g, '');
  if (row?.isConfirmed !== which.isConfirmed || !/^\d{6}$/.test(digits)) return false;
  const totp = totpOf(await unsealTotp(tx, userId, row), '', '');
  const delta = totp.validate({ token: digits, window: WINDOW });
  const step = totp.counter() + (delta ?? 0);
  if (delta === null || (row.lastStep !== null && step <= row.lastStep)) return false;
  await tx.rows(sql`update second_factor set last_step = ${step} where user_id = ${toUuid(userId)}`);
  return true;
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567';

/** 80 random bits, four letters at a time: enough that their hash, without salt, cannot be turned round. */
function newRecoveryCode(): string {
  const letters = [...randomBytes(RECOVERY_BYTES)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const code = letters.replace(/.{5}/g, (bits) => ALPHABET[Number.parseInt(bits, 2)] ?? '');
  return code.replace(/(.{4})(?=.)/g, '$1-');
}

const hashOfCode = (code: string): Buffer =>
  createHash('sha256').update(code.toLowerCase().replace(/[\s-]/g, '')).digest();

/** New codes in place of all earlier ones. They are shown this once. */
export async function replaceRecoveryCodes(tx: Change, userId: Id): Promise<string[]> {
  const codes = Array.from({ length: RECOVERY_CODES }, newRecoveryCode);
  await tx.rows(sql`delete from recovery_code where user_id = ${toUuid(userId)}`);
  await tx.rows(sql`
    insert into recovery_code (user_id, code_hash)
    select ${toUuid(userId)}, hash from unnest(${codes.map(hashOfCode)}::bytea[]) as hash`);
  return codes;
}

/** Uses a recovery code up; of two at once one gets it. */
export async function spendRecoveryCode(tx: Change, userId: Id, code: string): Promise<boolean> {
  if (code.length > 100) return false;
  const spent = await tx.rows(sql`
    update recovery_code r set used_at = now() from second_factor f
    where r.user_id = ${toUuid(userId)} and f.user_id = r.user_id and f.confirmed_at is not null
      and r.code_hash = ${hashOfCode(code)} and r.used_at is null
    returning 1`);
  return spent.length > 0;
}
