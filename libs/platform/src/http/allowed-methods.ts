/** Which methods a path has: tells a wrong method from a wrong path. */
export class AllowedMethods {
  private readonly routes: { readonly pattern: RegExp; readonly methods: ReadonlySet<string> }[] = [];

  /** Notes a route. @param pattern as Fastify writes it: `/v1/deals/:id/close`, `*` at the end for the rest */
  note(pattern: string, methods: readonly string[]): void {
    const source = pattern
      .split('/')
      .map((part) =>
        part.startsWith(':') ? '[^/]+' : part === '*' ? '.*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
      )
      .join('/');
    this.routes.push({ pattern: new RegExp(`^${source}/?$`), methods: new Set(methods) });
  }

  /** Methods that the path has; empty for a path that there is not. */
  of(path: string): readonly string[] {
    const found = this.routes
      .filter(({ pattern }) => pattern.test(path))
      .flatMap(({ methods }) => [...methods]);
    return [...new Set(found)].sort();
  }
}
