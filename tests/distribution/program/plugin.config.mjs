/** webpack with Pyodide's plugin, as its users have it. */
import { PyodidePlugin } from "@pyodide/webpack-plugin";

export default { entry: "./src/plugin.js", plugins: [new PyodidePlugin()] };
