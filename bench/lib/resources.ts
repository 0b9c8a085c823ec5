/**
 * What a benchmark has opened and must give back, whichever way it ends: processes and temporary folders. They are
 * released in the opposite order, each one even when another fails.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Release = () => Promise<void> | void;

export class Resources {
  private readonly releases: Release[] = [];

  /** Calls `release` at the end. */
  add(release: Release): void {
    this.releases.push(release);
  }

  /** A new folder that is removed at the end. */
  temporaryFolder(name: string): string {
    const folder = mkdtempSync(join(tmpdir(), `hypercache-bench-${name}-`));
    this.add(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  /** Throws the first failure, after all have been tried. */
  async releaseAll(): Promise<void> {
    const failures: unknown[] = [];
    for (let release = this.releases.pop(); release !== undefined; release = this.releases.pop()) {
      try {
        await release();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
