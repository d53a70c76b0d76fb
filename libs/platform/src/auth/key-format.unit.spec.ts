import { hashOfKey, idsOf, newKeyId, newKeyText } from './key-format';

describe('a key', () => {
  it('says under which id it is on record', () => {
    const id = newKeyId();
    expect(idsOf(newKeyText(id))).toEqual([id, 'admin']);
    expect(idsOf(newKeyText('admin'))).toEqual(['admin']);
    expect(idsOf('any text that somebody chose')).toEqual(['admin']);
  });

  it('is another one each time, and so is its hash', () => {
    const [one, two] = [newKeyText('a'), newKeyText('a')];
    expect(one).not.toBe(two);
    expect(hashOfKey(one)).toHaveLength(32);
    expect(hashOfKey(one).equals(hashOfKey(two))).toBe(false);
  });
});
