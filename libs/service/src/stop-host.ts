/** A host's completion-style stop as a Promise. */
export function stopHost(host: { stop(onStopped: () => void): void }): Promise<void> {
  return new Promise((resolve) => host.stop(resolve));
}
