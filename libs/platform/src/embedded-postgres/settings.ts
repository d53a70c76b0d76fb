/**
 * The server's settings, given on its command line so that the program's version decides them, not what lies in the
 * data directory. What was acknowledged is on disk: fsync, synchronous_commit and full_page_writes stay on.
 */
export const serverSettings = (port: number): readonly string[] =>
  Object.entries({
    listen_addresses: '127.0.0.1',
    port: String(port),
    // No socket file: its directory would have to be writable for another user, and its path short.
    unix_socket_directories: '',
    max_connections: '100',
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    shared_buffers: '256MB',
    // Not more: until so much is written each file of the log is a new one, and the flush of a new one takes milliseconds.
    max_wal_size: '2GB',
    // A new file of the log written full of zeros holds up all appends for some 20 ms; those kept for reuse need none.
    min_wal_size: '512MB',
    wal_init_zero: 'off',
    checkpoint_timeout: '15min',
    // A page that is logged whole takes 0.2 ms to compress, and after a checkpoint an append may meet a hundred of them.
    wal_compression: 'off',
    // Compiling a query pays off in minutes-long reports, not in queries of milliseconds.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    logging_collector: 'off',
    // Values of a failed statement are personal data: such errors go to the client, not to the log.
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_line_prefix: '%m [%p] ',
    cluster_name: 'guanxi',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
