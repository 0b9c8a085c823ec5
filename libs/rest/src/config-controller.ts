import { Controller, Get, HttpCode, Inject, Patch, Req, UseGuards } from '@nestjs/common';
import { CLUSTER_LIMITS, DEFAULT_STORE_NAME } from '#libs/cluster';
import { BearerGuard } from './bearer-guard.js';
import { CommandRunner } from './command-runner.js';
import { type FieldFault, invalid, invalidField, problem, ProblemException, shortened } from './problem.js';
import { BodyReader } from './request-body.js';
import { contextOf, type RestRequest } from './request-context.js';
import type { SettingFault, SettingView } from '#libs/ports';
import { API_PREFIX, REST_BOUNDS, REST_OPTIONS, type RestOptions } from './rest-options.js';

interface SettingReply {
  readonly path: string;
  readonly value: string;
  readonly default: string;
  /** May be changed while services run. */
  readonly runtime: boolean;
  /** Where the value was set. */
  readonly origin: string;
}

export interface SettingsReply {
  readonly settings: readonly SettingReply[];
}

/** What CONFIG SET takes for "back to what the nodes were started with". */
const BACK_TO_START = 'default';

/** Settings: those of the gateway that answers, and changes of every node's. */
@Controller(`${API_PREFIX}/config`)
@UseGuards(BearerGuard)
export class ConfigController {
  constructor(
    @Inject(CommandRunner) private readonly commands: CommandRunner,
    @Inject(BodyReader) private readonly bodies: BodyReader,
    @Inject(REST_OPTIONS) private readonly options: RestOptions,
  ) {}

  @Get()
  read(): SettingsReply {
    return { settings: this.options.gateway.settings.views().map(settingReply) };
  }

  /** All changes or none; answers the settings as they are then. */
  @Patch()
  @HttpCode(200)
  async change(@Req() request: RestRequest): Promise<SettingsReply> {
    const { settings } = this.options.gateway;
    const wanted = changesOf(await this.bodies.readJson(request, REST_BOUNDS.maxConfigBodyBytes));
    const faults = settings.faultsOf(wanted.map(({ path, value }) => ({ path, value })));
    if (faults.length > 0) throw refusal(faults, wanted);
    const words = wanted.flatMap(({ path, value }) => [path, value ?? BACK_TO_START]);
    const { trace } = contextOf(request);
    const target = { store: DEFAULT_STORE_NAME, database: 0, trace };
    if (words.length > 0) await this.commands.run(target, ['CONFIG', 'SET', ...words]);
    const paths = new Set(wanted.map(({ path }) => path));
    return { settings: this.read().settings.filter(({ path }) => paths.has(path)) };
  }
}

interface WantedChange {
  readonly path: string;
  readonly given: unknown;
  readonly value: string | undefined;
}

function changesOf(body: unknown): readonly WantedChange[] {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalidField('body', body, 'an object');
  const entries = Object.entries(body);
  if (entries.length > CLUSTER_LIMITS.maxChangesAtOnce) {
    throw invalidField('body', `${entries.length} settings`, `up to ${CLUSTER_LIMITS.maxChangesAtOnce} settings`);
  }
  const texts = entries.map(([path, given]) => ({ path, given, value: given === null ? undefined : textOf(given) }));
  const faults = texts.filter(({ given, value }) => given !== null && value === undefined);
  if (faults.length > 0) {
    throw invalid(
      faults.map(({ path, given }) =>
        fieldFault(path, 'a text, a number, a boolean, a list of texts or null', texts, given),
      ),
    );
  }
  return texts;
}

/** As CONFIG SET takes it: lists with commas, mappings as `KEY=value` pairs; undefined for what no setting can be. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'object' || value === null) return undefined;
  const parts = Array.isArray(value) ? value : Object.entries(value).map(([key, inner]) => `${key}=${String(inner)}`);
  return parts.every((part) => typeof part === 'string') ? parts.join(',') : undefined;
}

function refusal(faults: readonly SettingFault[], wanted: readonly WantedChange[]): ProblemException {
  const detail = faults.map(({ path, reason }) => `${path}: ${reason}`).join('. ');
  const fields = faults.map(({ path, reason }) => fieldFault(path, reason, wanted));
  return new ProblemException(problem('INVALID_REQUEST', detail, fields));
}

function fieldFault(
  path: string,
  allowed: string,
  wanted: readonly WantedChange[],
  given: unknown = wanted.find((change) => change.path === path)?.given,
): FieldFault {
  return { field: path, value: shortened(given), allowed };
}

function settingReply({ path, value, defaultValue, runtime, origin }: SettingView): SettingReply {
  return { path, value, default: defaultValue, runtime, origin };
}
