/** What the operating system counts for this process; hosts tell of it and have no process of their own. */
export interface ProcessUsage {
  /** Memory of the process that is in RAM, in bytes. */
  rssBytes(): number;
  /** CPU time of the process so far, user and system, in whole milliseconds. */
  cpuMs(): number;
}
