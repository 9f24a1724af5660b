import { UserErrors } from './errors.ts';
import { newId } from './ids.ts';
import { checkInput, type InputChecks } from './input.ts';

/** The value read, or `field: CODE` of each complaint. */
function outcome(read: (check: InputChecks) => unknown): unknown {
  try {
    return checkInput(read);
  } catch (error) {
    if (!(error instanceof UserErrors)) throw error;
    return error.errors.map(({ field, code }) => `${field?.join('.')}: ${code}`);
  }
}
const text = (value: string, bounds: object = {}) =>
  outcome((check) => check.text('name', value, { min: 1, max: 5, ...bounds }));
const REFUSED = ['name: BAD_USER_INPUT'];

test.each([
  ['is trimmed', '  ab \t', {}, 'ab'],
  ['is composed', 'e\u0301', {}, 'é'],
  ['counts characters, not halves of them', '𝕏𝕏𝕏𝕏𝕏', {}, '𝕏𝕏𝕏𝕏𝕏'],
  ['may break lines where it is a body', 'a\n\tb', { isMultiline: true }, 'a\n\tb'],
  ['may be empty where that is said', '', { min: 0 }, ''],
])('a text %s', (_, value, bounds, expected) => {
  expect(text(value, bounds)).toBe(expected);
});

test.each([
  ['empty', '', {}],
  ['only spaces', ' \n ', {}],
  ['too long', 'abcdef', {}],
  ['far too long', 'x'.repeat(5_000_000), {}],
  ['six characters of two halves', '𝕏'.repeat(6), {}],
  ['a line break', 'a\nb', {}],
  ['NUL', 'a\0b', {}],
  ['a bell', 'a\u0007b', {}],
  ['an escape', 'a\u001bb', {}],
  ['DEL', 'a\u007fb', {}],
  ['a C1 control', 'a\u0085b', {}],
  ['half a character', 'a\ud800', {}],
  ['the other half', '\udc00a', {}],
  ['a turned direction', 'a\u202eb', {}],
  ['an isolate', 'a\u2066b', {}],
  ['an invisible space', 'a\u200bb', {}],
  ['a byte order mark inside', 'a\ufeffb', {}],
  ['NUL in a body', 'a\0b', { isMultiline: true }],
  ['a turned direction in a body', 'a\u202eb', { isMultiline: true }],
])('a text is refused that is or has %s', (_, value, bounds) => {
  expect(text(value, bounds)).toEqual(REFUSED);
});

test('every wrong field is told at once, in order', () => {
  expect(
    outcome((check) => {
      check.text('name', '', { min: 1, max: 5 });
      check.id('widgetId', 'widget', newId('user'));
      check.id('userId', 'user', 'x');
      check.that('size', false, 'size is odd.', 'CONFLICT');
      check.that('colour', true, 'never said');
      check.add([{ field: ['tags', '0'], code: 'BAD_USER_INPUT', message: 'no tag' }]);
    }),
  ).toEqual([
    'name: BAD_USER_INPUT',
    'widgetId: WRONG_ID_TYPE',
    'userId: INVALID_ID',
    'size: CONFLICT',
    'tags.0: BAD_USER_INPUT',
  ]);
});
