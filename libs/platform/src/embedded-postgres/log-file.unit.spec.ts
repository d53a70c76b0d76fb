import {
  appendFileSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openServerLog } from './log-file';

describe('the log of the server', () => {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-spec-'));
  const path = join(dir, 'postgres.log');

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('tells what was written since it was opened, for our eyes alone', () => {
    const log = openServerLog(path);
    writeSync(log.fd, 'first start\n');
    log.close();
    const again = openServerLog(path);
    expect(again.recent()).toBe('');
    writeSync(again.fd, 'FATAL: no\n');
    expect(again.recent()).toBe('FATAL: no');
    again.close();
    expect(readFileSync(path, 'utf8')).toBe('first start\nFATAL: no\n');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('starts anew past its limit and keeps one older part', () => {
    writeFileSync(path, 'x'.repeat(11));
    const log = openServerLog(path, 10);
    writeSync(log.fd, 'new\n');
    log.close();
    expect(readFileSync(path, 'utf8')).toBe('new\n');
    expect(readFileSync(`${path}.1`, 'utf8')).toBe('x'.repeat(11));
  });

  it('is cut while the server holds it open', () => {
    jest.useFakeTimers();
    try {
      writeFileSync(path, '');
      const log = openServerLog(path, 10);
      appendFileSync(path, 'y'.repeat(20));
      jest.advanceTimersByTime(10 * 60 * 1000);
      writeSync(log.fd, 'on\n');
      log.close();
      expect(readFileSync(path, 'utf8')).toBe('on\n');
    } finally {
      jest.useRealTimers();
    }
  });
});
