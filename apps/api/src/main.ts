import 'reflect-metadata';
import { contexts } from '@guanxi/contexts';
import { runProcess } from '@guanxi/platform';

void runProcess({ contexts });
