import { assert, equalsIgnoreCase } from '#libs/kernel';
import type { CommandRow } from './command-row.js';
import type { Command } from './command.js';
import type { CommandDirectory } from './gateway-context.js';
import type { Request } from './request.js';

/**
 * Every command by name and by id. A name is found from its bytes in a request without making a string: a hash of
 * the case-folded bytes leads into an open-addressing table, and the bytes decide. A subcommand's hash continues its
 * container's, and its slot names its container, so `client|id` as a single argument finds nothing.
 */
export class CommandTable implements CommandDirectory {
  /** Number of rows, subcommands included. */
  readonly size: number;
  readonly maxId: number;
  private readonly rows: readonly Command[];
  private readonly topRows: readonly Command[];
  private readonly subRows: readonly (readonly Command[])[];
  /** Row of the container, or -1. */
  private readonly parents: Int32Array;
  /** The part of the name that one argument spells. */
  private readonly words: readonly string[];
  private readonly rowOfId: Int32Array;
  private readonly slots: Int32Array;
  private readonly mask: number;

  constructor(commands: readonly Command[]) {
    this.rows = commands.toSorted((a, b) => a.id - b.id);
    this.size = this.rows.length;
    this.maxId = this.rows.at(-1)?.id ?? 0;
    this.rowOfId = new Int32Array(this.maxId + 1).fill(-1);
    this.parents = new Int32Array(this.size).fill(-1);
    this.words = this.rows.map((row) => row.name.slice(row.name.indexOf('|') + 1));
    this.mask = tableSize(this.size) - 1;
    this.slots = new Int32Array(this.mask + 1).fill(-1);
    this.topRows = this.rows.filter((row) => !row.name.includes('|'));
    for (const row of this.topRows) this.insert(row, -1);
    for (const row of this.rows) if (row.name.includes('|')) this.insert(row, this.parentRow(row));
    this.subRows = this.rows.map((_, at) => this.rows.filter((_row, sub) => this.parents[sub] === at));
  }

  /**
   * The command that a request names: of a container the subcommand that argument 1 names, and undefined where it
   * names none; the container's own row where argument 1 is missing.
   */
  lookup(request: Request): Command | undefined {
    if (request.count === 0) return undefined;
    const { buffer, offsets, lengths } = request;
    const hash = foldedHash(HASH_START, buffer, offsets[0], lengths[0]);
    const row = this.find(hash, -1, buffer, offsets[0], lengths[0]);
    if (row < 0) return undefined;
    if (request.count === 1 || this.subRows[row].length === 0) return this.rows[row];
    const subHash = foldedHash(hash, buffer, offsets[1], lengths[1]);
    const subRow = this.find(subHash, row, buffer, offsets[1], lengths[1]);
    return subRow < 0 ? undefined : this.rows[subRow];
  }

  /** By a name as rows have it (`client|setname`), in any case. */
  byName(name: string): Command | undefined {
    const lowerCaseName = name.toLowerCase();
    return this.rows.find((row) => row.name === lowerCaseName);
  }

  byId(id: number): Command | undefined {
    return id >= 0 && id <= this.maxId && this.rowOfId[id] >= 0 ? this.rows[this.rowOfId[id]] : undefined;
  }

  /** Every row in the order of the ids. */
  all(): readonly Command[] {
    return this.rows;
  }

  /** The rows that are no subcommands, in the order of their ids. */
  topLevel(): readonly Command[] {
    return this.topRows;
  }

  subcommands(command: CommandRow): readonly Command[] {
    return this.subRows[this.rowOfId[command.id]];
  }

  /** True where argument 0 names a command that has subcommands. */
  namesContainer(request: Request): boolean {
    const { buffer, offsets, lengths } = request;
    const hash = foldedHash(HASH_START, buffer, offsets[0], lengths[0]);
    const row = this.find(hash, -1, buffer, offsets[0], lengths[0]);
    return row >= 0 && this.subRows[row].length > 0;
  }

  private parentRow(row: Command): number {
    const name = row.name.slice(0, row.name.indexOf('|'));
    const parent = this.rows.findIndex((candidate) => candidate.name === name);
    assert(parent >= 0, `${row.name}: its container is missing`);
    return parent;
  }

  private insert(row: Command, parent: number): void {
    const at = this.rows.indexOf(row);
    const word = this.words[at];
    assert(this.rowOfId[row.id] < 0, `${row.name}: the id ${row.id} is taken`);
    this.rowOfId[row.id] = at;
    this.parents[at] = parent;
    const bytes = Uint8Array.from(word, (char) => char.charCodeAt(0));
    const start = parent < 0 ? HASH_START : wordHash(HASH_START, this.words[parent]);
    const hash = foldedHash(start, bytes, 0, bytes.length);
    assert(this.find(hash, parent, bytes, 0, bytes.length) < 0, `${row.name}: the name is taken`);
    let slot = hash & this.mask;
    while (this.slots[slot] >= 0) slot = (slot + 1) & this.mask;
    this.slots[slot] = at;
  }

  private find(hash: number, parent: number, buffer: Uint8Array, offset: number, length: number): number {
    for (let slot = hash & this.mask; this.slots[slot] >= 0; slot = (slot + 1) & this.mask) {
      const row = this.slots[slot];
      if (this.parents[row] === parent && equalsIgnoreCase(buffer, offset, length, this.words[row])) return row;
    }
    return -1;
  }
}

/** At most a quarter full, so that probes end at once. */
function tableSize(rows: number): number {
  let size = 16;
  while (size < rows * 4) size *= 2;
  return size;
}

const HASH_START = 0x811c9dc5 | 0;

/** FNV-1a over bytes with bit 5 set, which folds the case of letters; unequal bytes may meet, and are compared. */
function foldedHash(start: number, buffer: Uint8Array, offset: number, length: number): number {
  let hash = start;
  for (let i = offset; i < offset + length; i++) hash = Math.imul(hash ^ (buffer[i] | 0x20), 0x01000193);
  return hash ^ (hash >>> 15);
}

function wordHash(start: number, word: string): number {
  const bytes = Uint8Array.from(word, (char) => char.charCodeAt(0));
  return foldedHash(start, bytes, 0, bytes.length);
}
