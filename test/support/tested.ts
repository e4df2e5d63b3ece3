/**
 * The runtimes that test/node runs end to end with a real model, in the version of the catalogue. The catalogue calls
 * exactly these `tested`.
 */
export const testedRuntimes = ['mlserver-lightgbm', 'mlserver-sklearn', 'mlserver-xgboost', 'triton-onnx'];
