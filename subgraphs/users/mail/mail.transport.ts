import { Readable } from 'node:stream';
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';

export interface Message {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * What came of handing a message over. `later`: the server surely does not have it. `bounced`: there is no such mailbox.
 * `refused`: it will never be taken. `unknown`: the line broke after the text had begun to leave, so it may have been taken.
 */
export interface Handover {
  readonly state: 'sent' | 'later' | 'bounced' | 'refused' | 'unknown';
  /** The server's code or the kind of failure; never its text, which may repeat an address. */
  readonly reason: string;
}

const TIMEOUT_MS = 20_000;

interface SmtpError {
  readonly code?: string;
  readonly command?: string;
  readonly responseCode?: number;
}

/**
 * Hands one message to the server at `url`. `begin` is waited for when the server is ready for the text and before any of it
 * leaves; where it answers false nothing leaves. Never throws: each way to fail is an outcome.
 */
export async function handOver(url: string, message: Message, begin: () => Promise<boolean>): Promise<Handover> {
  const composer = new MailComposer({ ...message, disableFileAccess: true, disableUrlAccess: true }).compile();
  const envelope = composer.getEnvelope();
  const bytes = await composer.build();
  let hasBegun = false;
  const body = Readable.from(
    (async function* () {
      hasBegun = await begin();
      if (!hasBegun) throw Object.assign(new Error('somebody else has it'), { code: 'TAKEN' });
      yield bytes;
    })(),
  );
  try {
    await deliver(url, envelope, body);
    return { state: 'sent', reason: 'accepted' };
  } catch (error) {
    return outcomeOf(error as SmtpError, hasBegun);
  }
}

function outcomeOf({ responseCode, command, code }: SmtpError, hasBegun: boolean): Handover {
  const reason = String(responseCode ?? code ?? 'failed');
  // An answer to the text is an answer: only silence leaves it open.
  if (hasBegun && responseCode === undefined) return { state: 'unknown', reason };
  const isPermanent = responseCode !== undefined && responseCode >= 500;
  if (isPermanent && command === 'RCPT TO') return { state: 'bounced', reason };
  if (isPermanent && command === 'DATA') return { state: 'refused', reason };
  return { state: 'later', reason };
}

const isLoopback = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(host);

function deliver(url: string, envelope: { from: string | false; to: string[] }, body: Readable): Promise<void> {
  const { protocol, hostname, port, username, password } = new URL(url);
  const isSecure = protocol === 'smtps:';
  const connection = new SMTPConnection({
    host: hostname.replace(/^\[|\]$/g, ''),
    port: port ? Number(port) : isSecure ? 465 : 587,
    secure: isSecure,
    // A password never crosses a network in the clear.
    requireTLS: username !== '' && !isLoopback(hostname),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  // What breaks the body must break the line too: half a text with an end is a whole mail to the server.
  const broken = new Promise<never>((_, reject) => {
    body.once('error', (error) => {
      connection.close();
      reject(error);
    });
  });
  const credentials = { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  const sent = new Promise<void>((resolve, reject) => {
    connection.on('error', reject);
    connection.once('end', () => reject(Object.assign(new Error('the connection ended'), { code: 'ECONNECTION' })));
    const send = (): void => connection.send(envelope, body, (error) => (error ? reject(error) : resolve()));
    connection.connect((failure) => {
      if (failure) reject(failure);
      else if (username) connection.login({ credentials }, (error) => (error ? reject(error) : send()));
      else send();
    });
  });
  return Promise.race([sent, broken]).finally(() => connection.quit());
}
