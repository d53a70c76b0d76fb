import { NeedsRole } from '@guanxi/commanding';
import { HttpCode, UseInterceptors, applyDecorators } from '@nestjs/common';
import { ExportInterceptor } from './export.interceptor';
import type { AnswersOptions } from './query-metadata';
import { methodOf, noteAnswers } from './query-metadata';

/** Declares a route a query: its text in the OpenAPI document, its role, CSV and NDJSON by `Accept`. */
export const Answers = (options: AnswersOptions): MethodDecorator =>
  applyDecorators(
    (target: object, key?: string | symbol) => {
      noteAnswers(methodOf(target, key), options);
    },
    NeedsRole(options.role ?? 'read'),
    HttpCode(200),
    UseInterceptors(ExportInterceptor),
  );
