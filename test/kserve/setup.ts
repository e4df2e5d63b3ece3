import { controlPlane } from '../control-plane/setup.ts';

export default controlPlane('test-kserve');
