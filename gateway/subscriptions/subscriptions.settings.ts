import { positive } from 'kit/config';
import { z } from 'zod';

/** A JSON object of strings. */
const texts = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return z.record(z.string(), z.string()).parse(JSON.parse(text));
    } catch {
      context.addIssue({ code: 'custom', message: 'must be a JSON object of strings' });
      return z.NEVER;
    }
  });

export const subscriptionSettings = {
  /** Sockets and streams of one person, or of one address where nobody is signed in, on one gateway. */
  MAX_CONNECTIONS_PER_VIEWER: positive(100),
  MAX_SUBSCRIPTIONS_PER_VIEWER: positive(500),
  /** Messages a client may send over one socket in a minute, and at once. */
  MAX_SOCKET_MESSAGES_PER_MINUTE: positive(120),
  /** Answers to live events of one subgraph worked out at once on one gateway; further ones wait, so that queries need not wait for all. */
  MAX_HYDRATIONS: positive(256),
  /** Topics in Redis by root field of Subscription, as JSON: `{"priceChanged": "price:{id}"}`. */
  SUBSCRIPTION_TOPICS: texts,
};
