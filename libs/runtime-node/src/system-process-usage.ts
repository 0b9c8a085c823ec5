import { memoryUsage, resourceUsage } from 'node:process';
import type { ProcessUsage } from '#libs/ports';

export class SystemProcessUsage implements ProcessUsage {
  rssBytes(): number {
    return memoryUsage.rss();
  }

  cpuMs(): number {
    const { userCPUTime, systemCPUTime } = resourceUsage();
    return Math.round((userCPUTime + systemCPUTime) / 1000);
  }
}
