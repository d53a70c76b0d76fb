import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parseDocument } from 'yaml';
import { ImportFailure, messageOf, type ImportKind } from '../types';
import { parseMapping, type MappingDocument } from './document';
import type { Expression } from './expression';

export interface LoadedMapping {
  readonly mapping: MappingDocument;
  readonly sha256: string;
}

/**
 * Reads a mapping file for a kind of record.
 * @throws ImportFailure `mapping.unreadable`, `mapping.yaml`, `mapping.kind` and those of parseMapping
 */
export function loadMapping(path: string, kind: ImportKind): LoadedMapping {
  const text = readText(path);
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) throw new ImportFailure('mapping.yaml', `${basename(path)}: ${error.message}`);
  try {
    const mapping = withPaths(parseMapping(document.toJS()));
    if (mapping.kind !== kind) {
      throw new ImportFailure('mapping.kind', `the mapping is for ${mapping.kind}, not for ${kind}`);
    }
    return { mapping, sha256: createHash('sha256').update(text).digest('hex') };
  } catch (failure) {
    if (!(failure instanceof ImportFailure)) throw failure;
    throw new ImportFailure(failure.code, `${basename(path)}: ${failure.message}`);
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new ImportFailure('mapping.unreadable', `${basename(path)} can't be read: ${messageOf(error)}`);
  }
}

/** NDJSON has no header: its columns are the paths that the mapping uses. */
function withPaths(mapping: MappingDocument): MappingDocument {
  if (mapping.source.format !== 'ndjson') return mapping;
  return { ...mapping, source: { ...mapping.source, columns: [...columnsOf(mapping)] } };
}

function columnsOf(mapping: MappingDocument): Set<string> {
  const bodies = [mapping, mapping.end, mapping.registerCustomers].filter((body) => body !== undefined);
  const expressions = bodies.flatMap(({ fields, attributes, occurredAt }) => [
    ...[...fields.values(), ...attributes.values()],
    ...(occurredAt ? [occurredAt] : []),
  ]);
  const conditions = [
    ...mapping.reject.map(({ when }) => when.column),
    ...bodies.flatMap(({ assume }) => assume.flatMap(({ when }) => (when ? [when.column] : []))),
    ...(mapping.end ? [mapping.end.when.column] : []),
  ];
  const inExpressions = [...expressions, ...(mapping.lines?.values() ?? [])].flatMap(columnsIn);
  return new Set([...mapping.externalKey.columns, ...conditions, ...inExpressions]);
}

function columnsIn({ columns, when, minus, fallback }: Expression): string[] {
  return [
    ...columns,
    ...(when ? [when.column] : []),
    ...(minus ? [minus.column] : []),
    ...(fallback ? columnsIn(fallback) : []),
  ];
}
