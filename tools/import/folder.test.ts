import { importFolder } from './folder.ts';

test('a folder that is not there is no folder without files', async () => {
  const api = { post: () => Promise.reject(new Error('nothing is posted')), publish: () => Promise.resolve() };
  const options = { match: '**/*.md', limit: Infinity, report: () => undefined };
  const missing = `${import.meta.dirname}/nowhere`;
  await expect(importFolder(api, { ...options, folder: missing })).rejects.toThrow(`${missing} is no folder`);
  await expect(importFolder(api, { ...options, folder: import.meta.filename })).rejects.toThrow('is no folder');
});
