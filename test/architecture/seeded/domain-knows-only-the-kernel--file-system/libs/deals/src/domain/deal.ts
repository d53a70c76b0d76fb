import { readFileSync } from 'node:fs';

export const stages = (): string => readFileSync('stages.json', 'utf8');
