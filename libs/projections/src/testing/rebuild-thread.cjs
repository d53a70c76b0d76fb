'use strict';

/** A thread that folds the accounts of the tests. */
require('../../../../infra/scripts/typescript.cjs');

const { EventRegistry } = require('@guanxi/event-store');
const { serveFolds } = require('../rebuild/fold-thread.ts');
const { accounts } = require('./ledger-model.ts');

serveFolds([accounts], new EventRegistry([]));
