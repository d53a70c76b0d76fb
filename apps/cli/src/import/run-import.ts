import { basename, join } from 'node:path';
import { Checkpoint, type Reached } from './checkpoint';
import { Columns } from './mapping/columns';
import type { MappingDocument } from './mapping/document';
import { loadMapping } from './mapping/load';
import { ImportMemory, compilePlan } from './mapping/plan';
import { RowMapper } from './mapping/row-mapper';
import { ProblemReport, ProgressLine, type Screen } from './report';
import { Sender, type Outcome } from './send/sender';
import { inspect, readRecords, type Inspection } from './source/records';
import {
  ImportFailure,
  importKinds,
  type Fact,
  type FactSink,
  type ImportKind,
  type RowProblem,
} from './types';

export interface ImportOptions {
  readonly kind: string;
  readonly files: readonly string[];
  readonly mappingFile: string;
  /** Maps and checks everything, sends nothing. */
  readonly dryRun?: boolean;
  /** Leaves out what an interrupted import of the same bytes had answered. */
  readonly resume?: boolean;
  /** Takes every row problem as NDJSON. */
  readonly errorsFile?: string;
  /** Needed unless `dryRun`. */
  readonly url?: string;
  readonly apiKey?: string;
  /** Holds the checkpoints, in `imports`; `.guanxi` by default. */
  readonly dataDir?: string;
  /** For progress and the first row problems. */
  readonly screen?: Screen;
  readonly signal?: AbortSignal;
  /** Commands on their way without an answer (2,000). */
  readonly window?: number;
  readonly linesPerRequest?: number;
  readonly patienceMs?: number;
  /** Sees each mapped fact; for tests and tools. */
  readonly onFact?: (fact: Fact) => void;
}

/** Rows: `read` = `accepted` + `unchanged` + `rejected`. `facts` counts commands accepted (in a dry run: mapped). */
export interface ImportSummary {
  readonly read: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly rejected: number;
  readonly seconds: number;
  readonly warnings: number;
  readonly facts: number;
  readonly factsPerSecond: number;
}

/**
 * Imports files of one kind by a mapping. Bad rows are reported while the good ones go in.
 * @throws ImportFailure when the import as a whole can't be done; its `code` names the rule
 */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const started = Date.now();
  const kind = kindOf(options.kind);
  const { mapping, sha256 } = loadMapping(options.mappingFile, kind);
  if (options.files.length === 0) throw new ImportFailure('file.missing', 'no file to import');
  const files: Inspection[] = [];
  for (const path of options.files) files.push(await inspect(path, mapping.source));
  // Compiled for each file before anything is sent: a missing column in the last one stops the first as well.
  for (const file of files)
    mapperFor(file, mapping, new ImportMemory(mapping), { fact: () => undefined, problem: () => undefined });
  const identity = [kind, sha256, options.url ?? '', ...files.map((file) => file.sha256)];
  const directory = join(options.dataDir ?? '.guanxi', 'imports');
  const run = new ImportRun(options, mapping, files, new Checkpoint(directory, identity));
  return run.all(started);
}

function kindOf(name: string): ImportKind {
  const kind = importKinds.find((each) => each === name);
  if (kind) return kind;
  if (name === 'responses')
    throw new ImportFailure('kind.not-yet', 'responses can be imported once there are surveys');
  throw new ImportFailure('kind.unknown', `${name} is no kind of record; known: ${importKinds.join(', ')}`);
}

function mapperFor(
  file: Inspection,
  mapping: MappingDocument,
  memory: ImportMemory,
  sink: FactSink,
): RowMapper {
  const name = basename(file.path);
  const columns = new Columns(file.columns, name);
  const plan = compilePlan(mapping, columns, memory);
  columns.check();
  return new RowMapper(plan, columns, name, sink, memory, mapping.group?.window);
}

/** That a customer was registered before, perhaps by another file and in other words, is what was wanted. */
const isThere = ({ code, status }: { code: string; status: number }): boolean =>
  status === 409 || code === 'command.reused-id';

const interrupted = (): ImportFailure =>
  new ImportFailure('interrupted', 'the import was interrupted; --resume goes on from here');

/** One run over all files: rows in, facts out, answers counted. */
class ImportRun {
  private readonly report: ProblemReport;
  private readonly progress: ProgressLine;
  private readonly sender: Sender | undefined;
  private readonly skip: Reached;
  private read = 0;
  private bytes = 0;
  private mapped = 0;
  private rejectedByMapping = 0;
  private readonly answered = { facts: 0, accepted: 0, unchanged: 0, refused: 0, commands: 0 };

  constructor(
    private readonly options: ImportOptions,
    private readonly mapping: MappingDocument,
    private readonly files: readonly Inspection[],
    private readonly checkpoint: Checkpoint,
  ) {
    this.sender = this.openSender();
    const nothing = { facts: 0, taken: 0, refused: 0 };
    this.skip = (options.resume && this.sender && checkpoint.load()) || nothing;
    this.report = new ProblemReport(options.errorsFile);
    this.progress = new ProgressLine(
      options.screen,
      files.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }

  async all(started: number): Promise<ImportSummary> {
    const stop = (): void => this.sender?.stop(interrupted());
    this.options.signal?.addEventListener('abort', stop, { once: true });
    try {
      const memory = new ImportMemory(this.mapping);
      for (const file of this.files) await this.one(file, memory);
      await this.sender?.finish();
      this.checkpoint.clear();
    } catch (error) {
      this.sender?.stop(error instanceof Error ? error : new Error(String(error)));
      if (this.sender) this.checkpoint.save(this.reached(), true);
      throw error;
    } finally {
      this.options.signal?.removeEventListener('abort', stop);
      this.progress.end();
      this.report.close();
      if (this.options.screen) this.report.tell(this.options.screen);
    }
    return this.summary(started);
  }

  private async one(file: Inspection, memory: ImportMemory): Promise<void> {
    const mapper = mapperFor(file, this.mapping, memory, {
      fact: (fact) => {
        this.take(fact);
      },
      problem: (problem) => {
        this.tell(problem);
      },
    });
    const onRaw = (chunk: Buffer): void => {
      this.bytes += chunk.length;
    };
    for await (const rows of readRecords(file.path, this.mapping.source, onRaw)) {
      if (this.options.signal?.aborted) throw interrupted();
      for (const row of rows) mapper.add(row);
      this.read += rows.length;
      this.progress.update(this.bytes, this.read);
      await this.sender?.room();
    }
    mapper.end();
  }

  private openSender(): Sender | undefined {
    const { dryRun, url, apiKey } = this.options;
    if (dryRun) return undefined;
    if (url === undefined || apiKey === undefined) {
      throw new ImportFailure(
        'server.unknown',
        'there is no key to import with: npm start makes one and keeps it in the data directory (GUANXI_DATA_DIR); GUANXI_API_KEY names another',
      );
    }
    if (!/^https?:$/.test(URL.canParse(url) ? new URL(url).protocol : '')) {
      throw new ImportFailure('server.unknown', `GUANXI_URL is no http address: ${url}`);
    }
    return new Sender({
      ...{ url, apiKey },
      window: this.options.window ?? 2_000,
      linesPerRequest: this.options.linesPerRequest ?? 50_000,
      patienceMs: this.options.patienceMs ?? 60_000,
      onOutcome: (fact, outcome) => {
        this.count(fact, outcome);
      },
      onInterruption: (message) => this.options.screen?.write(`${message}; trying again\n`),
    });
  }

  private take(fact: Fact): void {
    this.mapped += 1;
    if (this.mapped <= this.skip.facts) return;
    this.options.onFact?.(fact);
    if (this.sender) this.sender.offer(fact);
    else this.count(fact, { status: 'accepted', commandsAccepted: fact.commands.length });
  }

  private tell(problem: RowProblem): void {
    if (problem.level === 'error') this.rejectedByMapping += problem.rows;
    this.report.add(problem);
  }

  private count(fact: Fact, { status, commandsAccepted, refusal, ensureRefusal }: Outcome): void {
    const { file, line, rows } = fact;
    this.answered.facts += 1;
    this.answered.commands += commandsAccepted;
    this.answered[status] += rows;
    if (refusal)
      this.report.add({ level: 'error', file, line, rows, rule: refusal.code, message: refusal.message });
    if (ensureRefusal && !isThere(ensureRefusal)) {
      const { code, message } = ensureRefusal;
      this.report.add({ level: 'warning', file, line, rows, rule: code, message });
    }
    if (this.sender) this.checkpoint.save(this.reached());
  }

  private reached(): Reached {
    const { facts, accepted, unchanged, refused } = this.answered;
    return {
      facts: this.skip.facts + facts,
      taken: this.skip.taken + accepted + unchanged,
      refused: this.skip.refused + refused,
    };
  }

  private summary(started: number): ImportSummary {
    const seconds = (Date.now() - started) / 1000;
    const { accepted, unchanged, refused, commands } = this.answered;
    return {
      read: this.read,
      accepted,
      unchanged: unchanged + this.skip.taken,
      rejected: this.rejectedByMapping + refused + this.skip.refused,
      seconds,
      warnings: this.report.warnings,
      facts: commands,
      factsPerSecond: Math.round(commands / Math.max(seconds, 0.001)),
    };
  }
}
