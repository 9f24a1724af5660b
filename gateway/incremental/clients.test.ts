import { ApolloClient, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { Defer20220824Handler, GraphQL17Alpha9Handler } from '@apollo/client/incremental';
import { until } from 'kit/testing/until';
import { startGatedGateway, type GatedGateway } from './testing/gated.ts';

let gateway: GatedGateway;
beforeAll(async () => void (gateway = await startGatedGateway()));
afterAll(() => gateway.stop());

const QUERY = gql`
  query Books {
    books {
      id
      ...Writing @defer(label: "writing")
      sequel {
        id
        ... @defer {
          title
        }
      }
    }
  }
  fragment Writing on Book {
    title
    writer {
      id
      name
    }
  }
`;
const SEQUEL = { __typename: 'Book', id: '2', title: 'Persuasion' };
const book = (id: string, title: string) => ({
  __typename: 'Book',
  id,
  title,
  writer: { __typename: 'Writer', id: 'w1', name: 'Jane' },
  sequel: SEQUEL,
});

describe.each([
  ['the current format', () => new GraphQL17Alpha9Handler()],
  ['the format of 2022', () => new Defer20220824Handler()],
])('Apollo Client, %s', (_name, incrementalHandler) => {
  const clientOf = () =>
    new ApolloClient({
      link: new HttpLink({ uri: gateway.url }),
      cache: new InMemoryCache(),
      // Its own classes do not fit its own interface under exactOptionalPropertyTypes.
      incrementalHandler: incrementalHandler() as NonNullable<ApolloClient.Options['incrementalHandler']>,
    });

  test('sees the first part, then everything', async () => {
    gateway.shut();
    const client = clientOf();
    const seen: { data: unknown; dataState: string }[] = [];
    const watched = client.watchQuery({ query: QUERY }).subscribe(({ data, dataState }) => {
      if (data) seen.push({ data, dataState });
    });
    await until('the first part', () => seen.length > 0);
    expect(seen[0]).toMatchObject({ dataState: 'streaming', data: { books: [{ id: '1' }, { id: '2' }] } });
    gateway.open();
    await until('everything', () => seen.at(-1)?.dataState === 'complete');
    expect(seen.at(-1)?.data).toEqual({ books: [book('1', 'Emma'), book('2', 'Persuasion')] });
    watched.unsubscribe();
    client.stop();
  });

  test('is told of a part that fails', async () => {
    gateway.breakDown(true);
    const client = clientOf();
    const { data, error } = await client.query({ query: QUERY, errorPolicy: 'all' });
    gateway.breakDown(false);
    expect(error?.message).toContain('cannot be reached just now');
    expect(data).toMatchObject({ books: [{ id: '1', sequel: SEQUEL }, { id: '2' }] });
    client.stop();
  });
});
