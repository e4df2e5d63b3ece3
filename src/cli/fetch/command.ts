import { type Command, Option } from 'commander';
import { action, untilAskedToStop } from '../action.ts';
import { withExamples } from '../flags.ts';
import type { FetchFlags } from './fetch.ts';

/** Not `<pattern...>`, which would take the URI behind it. */
const repeated = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Adds `dormouse fetch`. */
export function addFetch(program: Command): void {
  const command = program
    .command('fetch')
    .description('Fetch a model into a folder, which is complete once it holds .dormouse-complete.')
    .argument(
      '<uri>',
      's3:// or gs://bucket/key (an object, an archive or all below a prefix), https://..., hf://organization/model@revision, oci://registry/image:tag#path or file://...',
    )
    .argument('<dir>', 'folder that is empty, is to be made, or holds what an interrupted run has left')
    .option('--digest <sha256:hex>', 'digest that the file or archive must have')
    .option('--size <quantity>', 'refuse a model with more bytes than that, e.g. 2Gi')
    .option('--no-unpack', 'leave a .tar, .tar.gz, .tgz, .tar.zst or .zip as it is')
    .option('--as <name>', 'name of a model that is one file; "model.*" keeps its extension')
    .option(
      '--include <pattern>',
      'fetch only files that match, e.g. "*.safetensors"; may be repeated',
      repeated,
    )
    .option('--exclude <pattern>', 'leave out files that match; may be repeated', repeated)
    .option('--concurrency <number>', 'parts fetched at the same time', '8')
    .option('--part-size <quantity>', 'bytes of a part', '32Mi')
    .option('--allow-http', 'fetch from http:// too, which others on the network can read and change')
    .option('--anonymous', 'ask without credentials (S3: also AWS_NO_SIGN_REQUEST=true)')
    .option(
      '--endpoint <url>',
      'server of S3 or Cloud Storage that is not its cloud (also AWS_ENDPOINT_URL, STORAGE_EMULATOR_HOST), or mirror of the hub (HF_ENDPOINT)',
    )
    .option('--region <name>', 'region of the bucket (also AWS_REGION)')
    .addOption(
      new Option('--progress <style>', 'how to show how far it is')
        .choices(['auto', 'lines', 'bar', 'none'])
        .default('auto'),
    )
    .option('--cache', 'the folder is on a volume that others share: say so where it fails')
    .option('--hold', 'then stay until asked to stop, as a sidecar must');
  withExamples(
    command,
    'dormouse fetch s3://models/iris/v3 ./model',
    'dormouse fetch https://models.example.com/iris.tar.gz ./model',
    'dormouse fetch hf://Qwen/Qwen3-0.6B ./model --exclude "*.md"',
  ).action(
    action(async (uri: string, dir: string, flags: FetchFlags & { readonly hold?: boolean }) => {
      const { runFetch } = await import('./fetch.ts');
      const code = await runFetch(uri, dir, flags, untilAskedToStop());
      if (flags.hold && code === 0) (await import('./hold.ts')).hold();
      return code;
    }),
  );
}
