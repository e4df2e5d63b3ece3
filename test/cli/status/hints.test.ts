import { describe, expect, it } from 'vitest';
import { errorLines, hintFor } from '#cli/status/hints.ts';

it.each([
  {
    given: "AttributeError: Can't get attribute 'AddRatio' on <module '__main__'>",
    want: 'the class AddRatio is not in the image',
  },
  {
    given: "AttributeError: module '__main__' has no attribute 'AddRatio'",
    want: 'the class AddRatio is not in the image',
  },
  {
    given: "ModuleNotFoundError: No module named 'category_encoders'",
    want: 'the Python package category_encoders',
  },
  {
    given: 'ValueError: node array from the pickle has an incompatible dtype',
    want: 'another version of scikit-learn',
  },
  {
    given: 'InconsistentVersionWarning: Trying to unpickle estimator',
    want: 'another version of scikit-learn',
  },
  { given: 'XGBoostError: ... BoostLearner: wrong model format', want: 'spec.model.format' },
  { given: 'EOFError: Ran out of input', want: 'empty or cut off' },
  { given: "_pickle.UnpicklingError: invalid load key, '<'.", want: 'not a pickle' },
  {
    given: "IsADirectoryError: [Errno 21] Is a directory: '/mnt/models'",
    want: 'a folder in place of the model',
  },
  { given: 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB', want: 'memory of the GPU' },
  { given: 'OOMKilled container server was killed', want: 'spec.resources.limits.memory' },
  { given: 'exec /bin/server: exec format error', want: 'another processor' },
  { given: 'OSError: [Errno 98] Address already in use', want: 'spec.container.port' },
  { given: "PermissionError: [Errno 13] Permission denied: '/root'", want: 'does not run as root' },
  { given: 'all is well', want: undefined },
])('$given: $want', ({ given, want }) => {
  if (want === undefined) expect(hintFor(given)).toBeUndefined();
  else expect(hintFor(given)).toContain(want);
});

describe('the lines of a log that say why a process ended', () => {
  it.each([
    {
      name: 'the exception and the lines before it, whatever came after',
      given:
        'start\nTraceback (most recent call last):\n  File "x.py", line 1\nEOFError\nINFO: "GET /v2/health/ready HTTP/1.1" 200 OK\nShutting down\n',
      want: ['start', 'Traceback (most recent call last):', '  File "x.py", line 1', 'EOFError'],
    },
    {
      name: 'the last lines that are no requests',
      given: 'one\ntwo\n127.0.0.1 - "GET /v2/health/ready HTTP/1.1" 200 OK\nsegfault in predict(): bad row\n',
      want: ['one', 'two', 'segfault in predict(): bad row'],
    },
    { name: 'none of an empty log', given: '\n', want: [] },
  ])('$name', ({ given, want }) => {
    expect(errorLines(given)).toEqual(want);
  });
});
