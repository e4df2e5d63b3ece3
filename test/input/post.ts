import type { Connection } from '#kube/client/connection.ts';
import type { Status } from '#kube/client/errors.ts';
import { collectionPath } from '#kube/client/requests.ts';
import { modelResource } from '#operator/resources.ts';
import type { Model } from '../support/models.ts';
import type { Input } from './hostile.ts';

/** What the API server answered: the model as it is stored, or why it is not. */
export type Answer =
  | { readonly code: number; readonly model: Model }
  | { readonly code: number; readonly refusal: Status };

/** Sends a body to the API server as it is, to make an InferenceModel of. No client of ours could send some of them. */
export async function post(
  { server, authorize }: Connection,
  namespace: string,
  { text, type, strict }: Input,
): Promise<Answer> {
  const { headers, dispatcher } = await authorize();
  const { statusCode, body } = await dispatcher.request({
    origin: server,
    path: `${collectionPath(modelResource, namespace)}?fieldManager=user&fieldValidation=${strict ? 'Strict' : 'Ignore'}`,
    method: 'POST',
    headers: { ...headers, accept: 'application/json', 'content-type': `application/${type}` },
    body: text,
  });
  const answer = JSON.parse(await body.text());
  return statusCode === 201 ? { code: statusCode, model: answer } : { code: statusCode, refusal: answer };
}
