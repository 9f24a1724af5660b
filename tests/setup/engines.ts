/** What global-setup started and global-teardown stops; both run in jest's own process. */
export const started: { stop(): Promise<void> }[] = [];
