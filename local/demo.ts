/** What a new installation shows in development. */
export const people = [
  { username: 'ada', name: 'Ada', bio: 'Writes about engines.' },
  { username: 'grace', name: 'Grace', bio: 'Finds bugs, some of them with wings.' },
  { username: 'linus', name: 'Linus', bio: 'Reads more than he writes.' },
] as const;

export const follows = [
  ['grace', 'ada'],
  ['linus', 'ada'],
  ['ada', 'grace'],
] as const;

export const posts = [
  {
    author: 'ada',
    title: 'One graph for a whole community',
    tags: ['graphql', 'welcome'],
    markdown: `# One graph

This post, its author, its votes and its mood come from **five subgraphs** with stores of their own.
Ask for them in one query:

\`\`\`graphql
{ posts(first: 3) { edges { node { title author { name } } } } }
\`\`\`
`,
  },
  {
    author: 'grace',
    title: 'Notes on debugging in the small hours',
    tags: ['debugging', 'stories'],
    markdown: `It was late, the relay was stuck, and nobody was happy about it.

1. Read the log. *All* of it.
2. Change one thing.
3. Write down what you saw: tomorrow you will be grateful.

> The most wonderful moment is when the wrong number finally makes sense.
`,
  },
  {
    author: 'ada',
    title: 'Why counters are harder than they look',
    tags: ['databases', 'consistency'],
    markdown: `Fifty people vote at once, three of them twice, one changes her mind. What does the counter say?

| way | fast | right |
|---|---|---|
| count the rows | no | yes |
| add one in memory | yes | no |
| add one in the vote's own transaction | yes | yes |
`,
  },
] as const;

export const comments = [
  { author: 'grace', post: 0, markdown: 'This is a wonderful start, thank you for writing it!' },
  { author: 'linus', post: 0, markdown: 'I tried the query and it works. Nice.' },
  { author: 'ada', post: 1, markdown: 'Great advice. I was stuck on step two for *years*.' },
  { author: 'linus', post: 2, markdown: 'The third row is the only one I would trust.' },
] as const;
