import { annotations } from '#api/group.ts';
import type { KnativeServiceObject } from '#knative/objects.ts';
import { controllerOf, keyOf } from '#kube/client/objects.ts';
import type { Ledger } from './ledger.ts';
import { isByHand } from './stranger.ts';
import { type Revision, serviceUidOf } from './world.ts';

interface State {
  readonly generation: number;
  readonly template: string;
  readonly intent: string | undefined;
  readonly byHand: boolean;
}

interface Life {
  readonly key: string;
  /** The uid of the model that the Service says to belong to. */
  readonly model: string;
  /** Its specs in the order of their generations, as far as they were seen. */
  readonly states: State[];
  /** Revisions that its traffic was to go to, or that of its Route was seen to go to. */
  readonly routed: Set<string>;
  /** Revisions that were made for it, and those of them that a stranger's template made. */
  readonly revisions: Set<string>;
  readonly strange: Set<string>;
}

/** All that was ever seen of the Services, and what must never be seen of one. */
export class Sightings {
  /** By the Service's uid. */
  readonly #lives = new Map<string, Life>();
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  service(service: KnativeServiceObject): void {
    const { uid = '', generation = 0 } = service.metadata;
    const model = controllerOf(service)?.uid;
    if (!model) return;
    const life = this.#life(uid, keyOf(service.metadata), model);
    const { template, traffic = [] } = service.spec ?? {};
    if (life.states.at(-1)?.generation !== generation)
      life.states.push({
        generation,
        template: template?.metadata?.name ?? '',
        intent: template?.metadata?.annotations?.[annotations.intent],
        byHand: isByHand(template?.spec),
      });
    // Not by its status: Knative may write that of a deleted Service onto the one that took its name.
    for (const { revisionName } of traffic as Target[]) if (revisionName) life.routed.add(revisionName);
  }

  /** To be told of after its Service was. */
  route(route: KnativeServiceObject): void {
    const life = this.#lives.get(controllerOf(route)?.uid ?? '');
    for (const { revisionName } of route.status?.traffic ?? [])
      if (revisionName) life?.routed.add(revisionName);
  }

  revision(revision: Revision): void {
    const life = this.#lives.get(serviceUidOf(revision));
    life?.revisions.add(revision.metadata.name);
    if (isByHand(revision.spec)) life?.strange.add(revision.metadata.name);
  }

  /** One sentence for each thing seen that must not be. */
  problems(): string[] {
    const lives = [...this.#lives.values()];
    return [...lives.flatMap((life) => this.#judge(life)), ...this.#wentBack(lives)];
  }

  /** A model never goes back to what it was, unless it was asked to: not with another Service either. */
  #wentBack(lives: readonly Life[]): string[] {
    return [...Map.groupBy(lives, ({ model }) => model)].flatMap(([model, ofModel]) => {
      const seen = ofModel.flatMap(({ states }) =>
        states.filter(({ byHand }) => !byHand).map(({ template }) => template),
      );
      const older = this.#ledger.wentBack(model, seen);
      return older === undefined
        ? []
        : [`${ofModel[0]?.key} went back to ${older}, which it no longer asked for`];
    });
  }

  /** Lives looked at. */
  get size(): number {
    return this.#lives.size;
  }

  #judge({ key, model, states, routed, revisions, strange }: Life): string[] {
    const wrong = (name: string): boolean => !strange.has(name) && !this.#ledger.asked(model, name);
    const named = states.filter(({ byHand }) => !byHand).map(({ template }) => template);
    const twice = states.filter((state, index) => {
      const before = states[index - 1];
      if (!before || before.generation + 1 !== state.generation || before.byHand || state.byHand)
        return false;
      return before.intent === state.intent && before.template !== state.template;
    });
    return [
      ...named.filter(wrong).map((name) => `${key} had the template ${name}, which it never asked for`),
      ...[...routed].filter(wrong).map((name) => `${key} was routed to ${name}, which it never asked for`),
      ...[...revisions]
        .filter(wrong)
        .map((name) => `${key} had the revision ${name}, which it never asked for`),
      ...twice.map(({ template }) => `${key} was given ${template} though what it had ran the same intent`),
    ];
  }

  #life(uid: string, key: string, model: string): Life {
    const none = {
      states: [],
      routed: new Set<string>(),
      revisions: new Set<string>(),
      strange: new Set<string>(),
    };
    const life = this.#lives.get(uid) ?? { key, model, ...none };
    this.#lives.set(uid, life);
    return life;
  }
}

type Target = { readonly revisionName?: string };
