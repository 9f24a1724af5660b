/** Values on their way from one that does not wait to one that does. */
export interface Mailbox<Value> extends AsyncIterator<Value, undefined> {
  readonly push: (value: Value) => void;
  /** The last thing the reader gets, after what is waiting: an error, or the end. */
  readonly end: (error?: Error) => void;
  readonly return: () => Promise<IteratorResult<Value, undefined>>;
}

export interface MailboxOptions {
  readonly limit: number;
  /** Called at once when more is waiting than the limit; the reader gets nothing more. */
  readonly onOverflow?: (() => void) | undefined;
  /** The reader has gone, or has taken the end. */
  readonly onReturn?: (() => void) | undefined;
}

/** A bounded queue with one reader, which has at most one `next` at a time. */
export function createMailbox<Value>({ limit, onOverflow, onReturn }: MailboxOptions): Mailbox<Value> {
  const done = { value: undefined, done: true } as const;
  const values: Value[] = [];
  let waiting: PromiseWithResolvers<IteratorResult<Value, undefined>> | undefined;
  let isOver = false;
  let failure: Error | undefined;
  const settle = (): void => {
    if (failure) waiting?.reject(failure);
    else waiting?.resolve(done);
    waiting = undefined;
  };
  return {
    push: (value) => {
      if (isOver) return;
      if (waiting) {
        waiting.resolve({ value, done: false });
        waiting = undefined;
      } else if (values.length < limit) {
        values.push(value);
      } else {
        isOver = true;
        values.length = 0;
        onOverflow?.();
      }
    },
    end: (error) => {
      if (isOver) return;
      isOver = true;
      failure = error;
      settle();
    },
    next: () => {
      const value = values.shift();
      if (value !== undefined) return Promise.resolve({ value, done: false });
      if (isOver) return failure ? Promise.reject(failure) : Promise.resolve(done);
      waiting = Promise.withResolvers();
      return waiting.promise;
    },
    return: () => {
      isOver = true;
      failure = undefined;
      values.length = 0;
      settle();
      onReturn?.();
      return Promise.resolve(done);
    },
  };
}
