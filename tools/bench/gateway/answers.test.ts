import { createAnswers } from './answers.ts';
import { schemaOf } from './data.ts';

const asLatin1 = (body: object): string => Buffer.from(JSON.stringify(body)).toString('latin1');

test('an answer is computed once and then known', async () => {
  const answers = createAnswers(schemaOf('products'));
  const body = asLatin1({ query: 'query ($id: ID!) { product(id: $id) { price } }', variables: { id: '1' } });
  expect(answers.known(body)).toBeNull();
  const answer = await answers.compute(body);
  expect(JSON.parse(answer.toString())).toEqual({ data: { product: { price: 837 } } });
  expect(answers.known(body)).toBe(answer);
  expect(answers.computed()).toBe(1);
});

test('another variable is another body', async () => {
  const answers = createAnswers(schemaOf('products'));
  const query = 'query ($id: ID!) { product(id: $id) { id } }';
  await answers.compute(asLatin1({ query, variables: { id: '1' } }));
  const other = asLatin1({ query, variables: { id: 'é' } });
  expect(answers.known(other)).toBeNull();
  expect((await answers.compute(other)).toString()).toBe('{"data":{"product":{"id":"é"}}}');
});

test('what is no request rejects and is not kept', async () => {
  const answers = createAnswers(schemaOf('products'));
  await expect(answers.compute('{')).rejects.toThrow(SyntaxError);
  await expect(answers.compute('{"query":"{"}')).rejects.toThrow('Syntax Error');
  expect(answers.computed()).toBe(0);
  expect(answers.known('{')).toBeNull();
});

test('texts that never come again do not fill the memory', async () => {
  const answers = createAnswers(schemaOf('reviews'));
  const body = (number: number): string => `{"query":"{ review(id: \\"1-1\\") { id } }","number":${number}}`;
  for (let number = 0; number <= 1000; number++) await answers.compute(body(number));
  expect(answers.computed()).toBe(1001);
  expect(answers.known(body(999))).not.toBeNull();
  expect(answers.known(body(1000))).toBeNull();
});
