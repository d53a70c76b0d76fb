import { isUuid } from './uuid';

it.each([
  ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d', true],
  ['0190F3A2-5B7C-7D11-8A01-3C5E7F9A1B2D', true],
  ['0190f3a25b7c7d118a013c5e7f9a1b2d', false],
  ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2', false],
  [' 0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d', false],
  ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d\n', false],
  ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2g', false],
  ['0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2\u0100', false],
  ['0190f3a2-5b7c7-d11-8a01-3c5e7f9a1b2d', false],
  ['0190f3a2-5b7c-7d11-8a01-3c5e-f9a1b2d', false],
  ['', false],
  [undefined, false],
  [7, false],
])('says of %j whether it is a UUID: %p', (text, is) => {
  expect(isUuid(text)).toBe(is);
});
