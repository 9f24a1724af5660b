import { availableParallelism } from 'node:os';
import { flag, positive } from 'kit/config';
import type { Context } from 'kit/context';
import { z } from 'zod';

export const config = {
  NODE_ENV: z.enum(['development', 'test', 'production']).default('development'),
  /** The first administrator, made on start where no account has this address. */
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().min(8).max(128).optional(),
  ADMIN_USERNAME: z.string().default('admin'),
  ACCESS_TOKEN_MINUTES: positive(15),
  ACCESS_TOKEN_ALGORITHM: z.enum(['EdDSA', 'RS256']).default('EdDSA'),
  REFRESH_TOKEN_DAYS: positive(7),
  /** Encrypts the private keys in the database; while it changes the one before is named too, for one start. */
  KEY_ENCRYPTION_SECRET: z.string().min(32).optional(),
  KEY_ENCRYPTION_SECRET_PREVIOUS: z.string().min(32).optional(),
  LIMIT_SIGN_IN_PER_MINUTE: positive(5),
  /** Tries at a second factor, by account; those from networks the person is known from are counted apart. */
  LIMIT_SECOND_FACTOR_PER_HOUR: positive(20),
  /** How unusual a sign-in must be to be confirmed by mail: see docs/security.md for what counts how much. */
  STEP_UP_SCORE: positive(60),
  SIGN_IN_HISTORY_DAYS: positive(90),
  /** `siteverify` of hCaptcha, Turnstile or reCAPTCHA, and its secret: whoever solves one may try on when throttled. */
  CAPTCHA_VERIFY_URL: z.url({ protocol: /^https?$/ }).optional(),
  CAPTCHA_SECRET: z.string().optional(),
  /** A module that exports `placeOf(address)`: says the country and city of an address, from a database of the operator's. */
  PLACE_LOOKUP_MODULE: z.string().optional(),
  LIMIT_REGISTER_PER_MINUTE: positive(5),
  /** Follows begun or ended by one person; blocks and mutes, each counted by itself, as many. */
  LIMIT_RELATION_CHANGES_PER_HOUR: positive(200),
  /** API keys that one person may have at a time, and make in a day. */
  LIMIT_API_KEYS: positive(20),
  LIMIT_API_KEYS_PER_DAY: positive(50),
  /** Requests that send a mail, by network address. */
  LIMIT_MAIL_REQUESTS_PER_MINUTE: positive(5),
  /** Mails of a kind to one address that anybody may cause: what is above it is not sent. */
  LIMIT_MAILS_PER_ADDRESS_PER_HOUR: positive(5),
  /** Password hashes computed at once: each takes 19 MiB and a core, and one core stays for everything else. */
  PASSWORD_HASHES_AT_ONCE: positive(Math.max(1, availableParallelism() - 1)),
  /** Sign-ins that may wait for their turn; the next is told to come again. */
  PASSWORD_HASHES_WAITING: positive(50),
  /** Argon2id's cost. Hashes of another cost are made anew when their person signs in. */
  PASSWORD_MEMORY_KIB: z.coerce.number().int().min(8192).max(1_048_576).default(19_456),
  PASSWORD_PASSES: z.coerce.number().int().min(1).max(20).default(2),
  /** Whether people may write before they have confirmed their address. */
  UNVERIFIED_MAY_WRITE: flag(false),
  /** Accounts that nobody has confirmed for so long are removed, and their usernames free again. */
  UNVERIFIED_DAYS: positive(7),
  /** Archives of their own data that one person may ask for in a day, and how large one may be. */
  LIMIT_DATA_EXPORTS_PER_DAY: positive(3),
  DATA_EXPORT_MAX_MEGABYTES: positive(256),
  /** How long an account that is to be deleted can be kept after all. */
  DELETION_GRACE_DAYS: z.coerce.number().min(0).max(365).default(14),
  /** From closing an account until its data goes: what was under way has ended by then. */
  DELETION_SETTLE_SECONDS: z.coerce.number().int().min(0).max(3600).default(60),
  /** How long nobody takes the username of somebody whose account is gone. */
  USERNAME_RESERVED_DAYS: z.coerce.number().int().min(0).max(3650).default(90),
  /** What mails call the site. */
  SITE_NAME: z.string().min(1).max(80).default('Broadsheet'),
  /** The only origin that links in mails lead to; what a request says of its host is never used. */
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).default('http://127.0.0.1:4000'),
  /** `smtp://user:password@host:587` or `smtps://…`. Without it mails are kept for /dev/mail, in production until it is set. */
  MAIL_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  /** One address, alone or behind a name. */
  MAIL_FROM: z
    .string()
    .max(320)
    .regex(/^(?:[^<>\r\n]*<[^\s<>@,]+@[^\s<>@,]+>|[^\s<>@,]+@[^\s<>@,]+)$/, 'is an address, or a name and <an address>')
    .default('Broadsheet <no-reply@localhost>'),
};

export type Settings = z.output<z.ZodObject<typeof config>>;
export const settingsOf = (ctx: Context): Settings => ctx.services.settings as unknown as Settings;
