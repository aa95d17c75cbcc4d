/** The types of Comlink's adapter for Node.js, for the file that bundlers find. */
declare module "comlink/dist/esm/node-adapter.mjs" {
  export { default, type NodeEndpoint } from "comlink/dist/esm/node-adapter";
}
