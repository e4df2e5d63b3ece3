/**
 * What a reason does. `refused`: the object is not converted. `rejected`: it is, and the operator would not accept it.
 * `lost`: it is converted without this part. `note`: nothing is lost, but the user should know.
 */
export type Effect = 'refused' | 'rejected' | 'lost' | 'note';

interface ReasonMeaning {
  readonly effect: Effect;
  readonly message: string;
}

const refused = (message: string) => ({ effect: 'refused', message }) as const;
const rejected = (message: string) => ({ effect: 'rejected', message }) as const;
const lost = (message: string) => ({ effect: 'lost', message }) as const;
const note = (message: string) => ({ effect: 'note', message }) as const;

/** Every reason why something is not carried over as it stands. There are no others. */
export const reasons = {
  kind: refused('there is nothing of its kind here'),
  guard: refused(
    'it guards requests to pods that have the labels of KServe: write it anew for those of the model, which is reached from within the cluster alone until then',
  ),
  'api-version': refused('of this API version nothing is known: convert it with KServe itself first'),
  transformer: refused('clients would have to do what it does to requests and answers'),
  containers: refused('a model has one server and no further containers'),
  'multi-node': refused('a model has one server on one node'),
  'multi-model': refused('each model has a server of its own: import the models that it would load'),
  storage: refused('the model lies where it cannot be named by a URI'),
  server: refused('it does not say what to run'),
  disabled: refused('it is switched off'),
  taken: refused('another object of the input has become one of this name'),
  invalid: refused('what comes out would not be valid'),

  'not-accepted': rejected('the operator would not accept it yet'),

  'no-field': lost('there is no field for it'),
  value: lost('there is a field for it, but not for this value'),
  'runtime-field': lost('it belongs to an InferenceRuntime, and models do not change it there'),
  'runtime-absent': lost('it is for the server of KServe: add its ClusterServingRuntime to the input'),
  'runtime-port': lost('its runtime speaks on another port'),
  'second-port': lost('a server of its own listens on one port'),
  explainer: lost('nothing explains predictions: run it as a model with a container of its own'),
  access: lost(
    'nothing asks who sends a request any more, so it is reached from within the cluster alone: put a gateway that asks in front of it',
  ),
  agent: lost('no sidecar logs or batches requests'),
  rollout: lost('a new revision gets all requests once it is ready'),
  autoscaler: lost('pods are scaled by concurrency, requests a second, CPU or memory alone'),
  'raw-deployment': lost('it is for KServe without Knative'),
  stopped: lost('models are not stopped: delete it instead'),
  credentials: lost('name a Secret with variables such as AWS_ACCESS_KEY_ID in spec.model.credentials'),
  volume: lost('Knative allows no volume of this kind'),
  placeholder: lost('it depends on the model: models in the input get it written out, others do not'),
  protocol: lost('the server here speaks another protocol: clients must ask otherwise'),
  metrics: lost('nothing collects the metrics of the server'),

  default: note('written out, since it is the default there and not here'),
  connection: note('its credentials are in a Secret of the input, which spec.model.credentials names'),
  account: note('its Secrets are not read: name one in spec.model.credentials if the model needs one'),
  root: note('the image may want to be root; take it out if it does not'),
  readiness: note('an open port counts as ready, as there'),
  waiting: note('without a command the server can wait for its model only behind an init container'),
  store: note(
    'the address is one of a store, which is read by its own protocol and with its own credentials',
  ),
  'unknown-field': note('KServe does not know this field, and it is taken for what it must mean'),
  'own-model': note('its server fetches the model itself, so it is a container'),
  substitute: note('a built-in runtime serves it'),
  selection: note('a runtime is chosen by format and priority alone'),
  'cluster-scoped': note('there are no namespaced runtimes'),
  renamed: note('the name here is another one'),
  'as-runtime': note('a server for which a model is fetched is an InferenceRuntime'),
  'each-model': note('it is written into the models that use it'),
  owner: note('it says who keeps the old object'),
  'by-cluster': note('the cluster wrote it'),
  ignored: note('it has no effect there either'),
  sleepless: note('scaled by CPU or memory it never sleeps, here as there: one pod stays'),
  flag: note('Knative must allow it, by flags of its ConfigMap config-features'),
  'own-server': note('each model has a server of its own'),
  trained: note('the models that it would load are models of their own'),
} as const satisfies Readonly<Record<string, ReasonMeaning>>;

export type Reason = keyof typeof reasons;

type ReasonWith<E extends Effect> = {
  [R in Reason]: (typeof reasons)[R]['effect'] extends E ? R : never;
}[Reason];

/** Why an object is not converted. */
export type Refusal = ReasonWith<'refused'>;
/** Why a part of it is not, or is another one now. */
export type PartReason = ReasonWith<'lost' | 'note'>;

/** What is said of one part of an object. */
export interface Remark {
  /** Such as `spec.predictor.logger`; empty for the whole object. */
  readonly path: string;
  readonly reason: Reason;
  readonly detail?: string | undefined;
}

/** An object, or a part of it without which the rest would be something else, has no counterpart. */
export class NotConvertibleError extends Error {
  override readonly name = 'NotConvertibleError';
  readonly path: string;
  readonly reason: Refusal;
  readonly detail: string | undefined;

  constructor(path: string, reason: Refusal, detail?: string) {
    super(`${path}: ${reason}${detail === undefined ? '' : `: ${detail}`}`);
    this.path = path;
    this.reason = reason;
    this.detail = detail;
  }
}
