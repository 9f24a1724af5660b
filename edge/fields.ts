/** What everybody sees of a person, whoever they are. */
export const PUBLIC_FIELDS = ['id', 'username', 'name', 'bio', 'role', 'joinedAt'].map((field) => `User.${field}`);

/** Aliases would try many passwords, or vote many times, in one request. */
export const SENSITIVE_FIELDS = ['login', 'register', 'refreshSession', 'vote'].map((field) => `Mutation.${field}`);
