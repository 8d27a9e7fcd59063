/**
 * What users may call. Importing this opens no device.
 *
 * @module neurometry
 */
export { readCorpus } from "./corpus/read.js";
export { listDevices, openDevice } from "./device/select.js";
