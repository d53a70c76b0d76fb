/** Where no Kafka can be had, the tests that need one are skipped, and counted so. */
if (process.env['GUANXI_TEST_WITHOUT_KAFKA'] === '1') {
  const { skip } = describe;
  globalThis.describe = Object.assign(skip.bind(undefined), { each: skip.each, only: skip, skip });
}
