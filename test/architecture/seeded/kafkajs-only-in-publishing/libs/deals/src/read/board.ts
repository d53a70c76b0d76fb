import { Kafka } from 'kafkajs';

export const board = Kafka;
