import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Injectable } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { map } from 'rxjs';
import { csvOf } from './csv';
import { rowsOf } from './export-rows';
import type { Format } from './formats';
import { CSV, JSON_TYPE, formatOf } from './formats';
import { answersOf } from './query-metadata';
import { headerOf, queryRequest } from './query-string';

interface Reply {
  header(name: string, value: string): unknown;
}

type Answer = Readonly<Record<string, unknown>>;

/** What the envelope of a JSON answer says, where there is no envelope. */
const HEADERS: Readonly<Record<string, string>> = {
  asOf: 'Guanxi-As-Of',
  asKnownAt: 'Guanxi-As-Known-At',
  position: 'Guanxi-Position',
  policyVersion: 'Guanxi-Policy-Version',
  nextCursor: 'Guanxi-Next-Cursor',
};

/** Turns an answer's rows into CSV or NDJSON when the caller prefers one of these. */
@Injectable()
export class ExportInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const rows = answersOf(context.getHandler())?.rows;
    const format = formatOf(headerOf(queryRequest(context), 'accept'), rows !== undefined);
    const split = Object.hasOwn(queryRequest(context).query, 'by');
    const reply = context.switchToHttp().getResponse<Reply>();
    reply.header('Vary', 'Accept');
    if (format === JSON_TYPE || rows === undefined) return next.handle();
    return next
      .handle()
      .pipe(map((answer: Answer) => exported(answer, rowsOf(answer, rows, split), format, reply)));
  }
}

function exported(answer: Answer, list: readonly unknown[], format: Format, reply: Reply): string {
  for (const [field, header] of Object.entries(HEADERS)) {
    const value = answer[field];
    if (typeof value === 'string' || typeof value === 'number') reply.header(header, String(value));
  }
  if (format === CSV) {
    reply.header('Content-Type', 'text/csv; charset=utf-8; header=present');
    return csvOf(list);
  }
  reply.header('Content-Type', `${format}; charset=utf-8`);
  return list.map((row) => `${JSON.stringify(row)}\n`).join('');
}
