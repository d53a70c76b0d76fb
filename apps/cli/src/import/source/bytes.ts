import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable, pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { ImportFailure, messageOf } from '../types';

const chunkBytes = 256 * 1024;

/**
 * The bytes of a file, gunzipped where it begins as gzip does, whatever its name.
 * @param onRaw called with each chunk as it lies on disk, for progress and hashes
 * @throws ImportFailure `file.unreadable`
 */
export async function* readBytes(path: string, onRaw: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  try {
    const raw = Readable.from(readRaw(path, onRaw), { objectMode: false, highWaterMark: chunkBytes });
    const stream = (await isGzip(path)) ? unzipped(raw) : raw;
    for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
  } catch (error) {
    if (error instanceof ImportFailure) throw error;
    throw new ImportFailure('file.unreadable', `${basename(path)} can't be read: ${messageOf(error)}`);
  }
}

async function* readRaw(path: string, onRaw: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
    if (!Buffer.isBuffer(chunk)) continue;
    onRaw(chunk);
    yield chunk;
  }
}

function unzipped(raw: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: chunkBytes });
  // The error, if any, reaches whoever iterates over gunzip.
  pipeline(raw, gunzip, () => undefined);
  return gunzip;
}

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer.readUInt16BE(0) === 0x1f8b;
  } finally {
    await file.close();
  }
}
