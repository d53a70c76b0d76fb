/** Where Kafka is, and how it is reached: for whoever publishes and for whoever reads. */
export interface KafkaConnection {
  /** `host:port`, one or several of the cluster. */
  readonly brokers: readonly string[];
  /** Absent: no encryption. `{}`: TLS, and the brokers' certificate must be of an authority that Node.js trusts. */
  readonly tls?: KafkaTls;
  /** Absent: the brokers do not ask who we are, or know it by our certificate. */
  readonly sasl?: KafkaLogin;
}

/** What TLS needs beside what Node.js brings; everything is text in PEM. */
export interface KafkaTls {
  /** Authorities that may have signed the brokers' certificate, and no others. Absent: those that Node.js trusts. */
  readonly ca?: string;
  /** Who we are, to brokers that want a certificate of us. */
  readonly identity?: {
    readonly cert: string;
    /** Secret. */
    readonly key: string;
  };
}

/** How a broker is reached that wants a user and a password. */
export interface KafkaLogin {
  readonly mechanism: KafkaMechanism;
  readonly username: string;
  /** Secret. */
  readonly password: string;
}

/** Ways to say who we are; `plain` sends the password itself, so that it needs TLS. */
export type KafkaMechanism = 'plain' | 'scram-sha-256' | 'scram-sha-512';
