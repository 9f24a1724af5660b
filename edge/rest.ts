import type { RestApi, RestHeader, RestOperation } from 'gateway/rest/rest';

const ERRORS = 'userErrors { field message code }';
const PERSON = 'id username name bio role joinedAt followersCount followingCount';
const SESSION = `accessToken refreshToken expiresInSeconds user { ${PERSON} } challenge { token kinds expiresAt }`;

const COOKIE: RestHeader = {
  name: 'X-Refresh-Token',
  description: 'With `cookie` the refresh token is in an HttpOnly cookie of this host, and null in the answer.',
  values: ['cookie'],
};

const AUTH: readonly RestOperation[] = [
  {
    id: 'register',
    ...{ method: 'POST', path: '/auth/register', tag: 'auth', body: 'input', status: 202 },
    summary: 'Signs up; the mail says the rest.',
    description: 'The answer never tells whether an address has an account.',
    document: `mutation Register($input: RegisterInput!) { register(input: $input) { ${ERRORS} } }`,
  },
  {
    id: 'login',
    ...{ method: 'POST', path: '/auth/login', tag: 'auth', body: 'input', headers: [COOKIE] },
    summary: 'Signs in, or answers a challenge to complete. Five tries a minute.',
    document: `mutation Login($input: LoginInput!) { login(input: $input) { ${SESSION} ${ERRORS} } }`,
  },
  {
    id: 'completeLogin',
    ...{ method: 'POST', path: '/auth/login/complete', tag: 'auth', body: 'input', headers: [COOKIE] },
    summary: 'Proves what a sign-in still asks for. Five tries at each challenge.',
    document: `mutation CompleteLogin($input: CompleteLoginInput!) { completeLogin(input: $input) { ${SESSION} ${ERRORS} } }`,
  },
  {
    id: 'refresh',
    ...{ method: 'POST', path: '/auth/refresh', tag: 'auth', body: 'input', headers: [COOKIE] },
    isBodyOptional: true,
    summary: 'Exchanges a refresh token for a new pair; each works once.',
    description: 'Without a body the token is that of the cookie: see X-Refresh-Token.',
    document: `mutation Refresh($input: RefreshSessionInput!) { refreshSession(input: $input) { ${SESSION} ${ERRORS} } }`,
  },
  {
    id: 'logout',
    ...{ method: 'POST', path: '/auth/logout', tag: 'auth', status: 204, needsSignIn: true, headers: [COOKIE] },
    summary: 'Ends the session that asks.',
    document: `mutation Logout { logout { ${ERRORS} } }`,
  },
];

/** What links in mails are for: each takes the link's token in its body, and nobody is signed in by it. And how to get another link. */
const BY_MAIL: readonly RestOperation[] = [
  {
    id: 'resendVerification',
    ...{ method: 'POST', path: '/auth/resend-verification', tag: 'auth', body: 'input', status: 202 },
    summary: 'Mails the link that confirms an address again.',
    description: 'The answer never tells whether there is such an account.',
    document: `mutation ResendVerification($input: ResendVerificationInput!) { resendVerification(input: $input) { ${ERRORS} } }`,
  },
  {
    id: 'requestPasswordReset',
    ...{ method: 'POST', path: '/auth/forgot-password', tag: 'auth', body: 'input', status: 202 },
    summary: 'Mails a link by which a new password is set.',
    description: 'The answer never tells whether there is such an account.',
    document: `mutation RequestPasswordReset($input: RequestPasswordResetInput!) { requestPasswordReset(input: $input) { ${ERRORS} } }`,
  },
  {
    id: 'verifyEmail',
    ...{ method: 'POST', path: '/auth/verify-email', tag: 'auth', body: 'input', status: 204 },
    summary: 'Confirms an address.',
    document: `mutation VerifyEmail($input: VerifyEmailInput!) { verifyEmail(input: $input) { ${ERRORS} } }`,
  },
  {
    id: 'resetPassword',
    ...{ method: 'POST', path: '/auth/reset-password', tag: 'auth', body: 'input', status: 204 },
    summary: 'Sets a password in place of a forgotten one, and ends all sessions.',
    document: `mutation ResetPassword($input: ResetPasswordInput!) { resetPassword(input: $input) { ${ERRORS} } }`,
  },
  {
    id: 'confirmEmailChange',
    ...{ method: 'POST', path: '/auth/confirm-email-change', tag: 'auth', body: 'input' },
    summary: 'Confirms a change of address, by one of its two links.',
    document: `mutation ConfirmEmailChange($input: ConfirmEmailChangeInput!) { confirmEmailChange(input: $input) { isComplete ${ERRORS} } }`,
  },
  {
    id: 'cancelDeletion',
    ...{ method: 'POST', path: '/auth/cancel-deletion', tag: 'auth', body: 'input', status: 204 },
    summary: 'Takes the end of an account back.',
    document: `mutation CancelDeletion($input: CancelDeletionInput!) { cancelDeletion(input: $input) { ${ERRORS} } }`,
  },
];

const USERS: readonly RestOperation[] = [
  {
    id: 'getUser',
    ...{ method: 'GET', path: '/users/:id', tag: 'users' },
    summary: 'One person.',
    document: `query GetUser($id: ID!) { user(id: $id) { ${PERSON} } }`,
  },
  {
    id: 'updateUser',
    ...{ method: 'PUT', path: '/users/:id', tag: 'users', own: 'id', body: 'input', part: 'user', needsSignIn: true },
    summary: 'Changes what one says of oneself.',
    description: 'Only one’s own. What is left out stays.',
    document: `mutation UpdateUser($input: UpdateProfileInput!) { updateProfile(input: $input) { user { ${PERSON} } ${ERRORS} } }`,
  },
];

/** The seam of the REST API: paths that stand for operations of the graph. */
export const rest: RestApi = {
  base: '/api/v1',
  title: 'Broadsheet',
  version: '1',
  description: 'The same graph, limits and error codes as GraphQL, by paths.',
  operations: [...AUTH, ...BY_MAIL, ...USERS],
  scalars: { DateTime: { type: 'string', format: 'date-time' } },
  statuses: { EMAIL_UNVERIFIED: 403, PAGE_SIZE_OUT_OF_RANGE: 422, SUSPENDED: 403, TOO_DEEP: 422 },
};
