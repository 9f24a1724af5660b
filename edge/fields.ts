/** Whatever takes a password, a code or a token, or mails somebody: aliases would try many in one request. */
const PROVING = [
  ...['register', 'verifyEmail', 'resendVerification', 'changeEmail', 'confirmEmailChange', 'unsubscribeFromMail'],
  ...['login', 'completeLogin', 'refreshSession', 'logout', 'logoutEverywhere', 'endSession'],
  ...['changePassword', 'requestPasswordReset', 'resetPassword'],
  ...['startTotpSetup', 'confirmTotp', 'disableTotp', 'regenerateRecoveryCodes'],
  ...['createApiKey', 'rotateApiKey', 'requestDataExport', 'deleteAccount', 'cancelDeletion'],
];

/** Aliases would vote many times too. */
export const SENSITIVE_FIELDS = [...PROVING, 'vote'].map((field) => `Mutation.${field}`);
