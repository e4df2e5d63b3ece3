import * as z from 'zod';
import { stringMatching } from '../schema/scalars.ts';

const part = '(\\$\\(MODEL_NAME\\)|[a-zA-Z0-9][-._a-zA-Z0-9]*)';

/** How the files of a model lie where its server looks for them. */
export const layout = z.strictObject({
  folder: stringMatching(new RegExp(`^${part}(/${part})*$`), 253, 'a relative path, such as $(MODEL_NAME)/1')
    .optional()
    .describe('Folder of the model below /mnt/models: $(MODEL_DIR) is there. Unset: /mnt/models itself.'),
  file: stringMatching(
    /^[a-zA-Z0-9_]([-._a-zA-Z0-9]{0,126}([a-zA-Z0-9]|\.\*))?$/,
    128,
    'the name of a file, such as model.onnx, or model.* which keeps the ending',
  )
    .optional()
    .describe('Name that a model gets which is one file; model.* keeps its ending. Unset: the name it has.'),
  writable: z
    .boolean()
    .optional()
    .describe('Whether the server may write into the folder of its model. Unset: false.'),
});

export type Layout = z.infer<typeof layout>;

export const runtimeVersion = stringMatching(
  /^[a-zA-Z0-9]([-._a-zA-Z0-9]*[a-zA-Z0-9])?$/,
  63,
  'a version, such as 1.7.1',
);
