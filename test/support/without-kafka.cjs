/* global describe, it, test */
'use strict';

/** Where no Kafka can be had, the tests that need one are skipped, and counted so. */
if (process.env['GUANXI_TEST_WITHOUT_KAFKA'] === '1') {
  const skipped = ({ skip }) => Object.assign(skip.bind(undefined), { each: skip.each, only: skip, skip });
  Object.assign(globalThis, { describe: skipped(describe), it: skipped(it), test: skipped(test) });
}
