/** Keeps a result, and draws its chart. */
import { type Result, writeResult } from '../lib/result-file.js';
import { writeChart } from './write-chart.js';

export async function saveResult(result: Result): Promise<void> {
  const files = [writeResult(result), ...(await writeChart(result))];
  console.log(`\nwritten: ${files.join(', ')}`);
}
