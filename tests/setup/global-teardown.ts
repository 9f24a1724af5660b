import { started } from './engines.ts';

export default async function stopEngines(): Promise<void> {
  for (const engine of started) await engine.stop();
}
