import { AllowedMethods } from './allowed-methods';

describe('the methods of a path', () => {
  const allowed = new AllowedMethods();
  allowed.note('/v1/deals', ['GET']);
  allowed.note('/v1/deals', ['POST']);
  allowed.note('/v1/deals/:id/close', ['POST']);
  allowed.note('/docs/assets/*', ['GET', 'HEAD']);
  allowed.note('/openapi.json', ['GET']);

  it.each([
    ['/v1/deals', ['GET', 'POST']],
    ['/v1/deals/', ['GET', 'POST']],
    ['/v1/deals/17/close', ['POST']],
    ['/v1/deals/17', []],
    ['/docs/assets/a/b.css', ['GET', 'HEAD']],
    ['/openapi+json', []],
  ])('are for %s %j', (path, methods) => {
    expect(allowed.of(path)).toEqual(methods);
  });
});
