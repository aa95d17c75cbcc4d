"""The half of the test harness that lives inside the runtime under test, as the module `_harness`.

`handle` takes a request as JSON and answers with JSON, so that the harness itself leans on the bridge only for one call
with one string. Results keep their Python types: see `encode`, whose tags codec.py reads.
"""

import ast
import gc
import json
import linecache
import sys
import traceback

MAX_TEXT = 200


def has_surrogates(text):
    """Tell whether a string holds code points that JSON's two-unit escapes would join."""
    return any(0xD800 <= ord(c) < 0xE000 for c in text)


def is_js_proxy(value):
    """Tell whether a value is a JavaScript object seen from Python."""
    from pyodide.ffi import JsProxy

    return isinstance(value, JsProxy)


def encode(value, ancestors=()):
    """Turn a Python value into JSON-able data; what is not plain data becomes a description."""
    from pyodide.ffi import jsnull

    kind = type(value)
    if value is None or kind in (bool, int, float):
        return value
    if kind.__name__ == "JsBigInt":
        return int(value)
    if value is jsnull:
        return {"$t": "null"}
    if kind is str:
        return {"$t": "cps", "v": [ord(c) for c in value]} if has_surrogates(value) else value
    if kind in (bytes, bytearray):
        return {"$t": "bytes", "v": value.hex()}
    if kind in (list, tuple, dict, set):
        for level, outer in enumerate(reversed(ancestors)):
            if outer is value:
                return {"$t": "cycle", "v": level + 1}
        inner = (*ancestors, value)
        if kind is dict:
            pairs = [[encode(k, inner), encode(v, inner)] for k, v in value.items()]
            return {"$t": "dict", "v": pairs}
        tag = {list: "list", tuple: "tuple", set: "Set"}[kind]
        return {"$t": tag, "v": [encode(item, inner) for item in value]}
    try:
        text = repr(value)[:MAX_TEXT]
    except Exception as error:
        text = f"<{type(error).__name__} in repr>"
    name = "JsProxy" if is_js_proxy(value) else kind.__name__
    return {"$t": "opaque", "kind": name, "type": kind.__name__, "text": text}


def decode(data):
    """Turn an argument of a test into a Python value."""
    if not isinstance(data, dict):
        return data
    tag, content = data["$t"], data.get("v")
    if tag in ("list", "tuple"):
        items = [decode(item) for item in content]
        return tuple(items) if tag == "tuple" else items
    if tag == "dict":
        return {decode(k): decode(v) for k, v in content}
    if tag == "bytes":
        return bytes.fromhex(content)
    if tag == "cps":
        return "".join(map(chr, content))
    if tag == "bigint":
        return int(content)
    if tag == "num":
        return float(content.replace("Infinity", "inf"))
    if tag == "null":
        from pyodide.ffi import jsnull

        return jsnull
    raise TypeError(f"the test harness cannot send a value of kind {tag} to Python")


class ExplainAsserts(ast.NodeTransformer):
    """Give `assert a == b` a message that shows both sides, as pytest would."""

    def visit_Assert(self, node):
        """Wrap one comparison; leave assertions with a message of their own alone."""
        self.generic_visit(node)
        if node.msg is None and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
            left = ast.NamedExpr(ast.Name("_left_side", ast.Store()), node.test.left)
            right = ast.NamedExpr(ast.Name("_right_side", ast.Store()), node.test.comparators[0])
            test = ast.Compare(left, node.test.ops, [right])
            sides = [ast.Name("_left_side", ast.Load()), ast.Name("_right_side", ast.Load())]
            shown = [ast.FormattedValue(side, conversion=114) for side in sides]
            operator = f" {type(node.test.ops[0]).__name__} "
            message = ast.JoinedStr([shown[0], ast.Constant(operator), shown[1]])
            # The sides must not outlive the statement: tests count references.
            names = [ast.Name(side.id, ast.Store()) for side in sides]
            forget = ast.Assign(names, ast.Constant(None))
            return [ast.copy_location(new, node) for new in (ast.Assert(test, message), forget)]
        return node


def compile_and_run(source, filename, line, namespace):
    """Execute source text in a namespace; the value of a last expression statement is returned."""
    linecache.cache[filename] = (
        len(source),
        None,
        ["\n"] * (line - 1) + source.splitlines(keepends=True),
        filename,
    )
    tree = ast.parse(source, filename)
    last = None
    if tree.body and isinstance(tree.body[-1], ast.FunctionDef):
        tree.body[-1].decorator_list = []
        tree = ExplainAsserts().visit(tree)
    elif tree.body and isinstance(tree.body[-1], ast.Expr):
        last = ast.increment_lineno(ast.Expression(tree.body.pop().value), line - 1)
    ast.increment_lineno(ast.fix_missing_locations(tree), line - 1)
    exec(compile(tree, filename, "exec"), namespace)
    if last is not None:
        return eval(compile(last, filename, "eval"), namespace)
    return None


def run(request):
    """Obey one request and return the encoded result."""
    op = request["op"]
    namespace = sys.modules["__main__"].__dict__
    if op == "exec":
        namespace.update({name: decode(v) for name, v in request["vars"].items()})
        return encode(compile_and_run(request["source"], request["filename"], 1, namespace))
    if op == "call":
        compile_and_run(request["source"], request["filename"], request["line"], namespace)
        function = namespace[request["name"]]
        return encode(function(*[decode(arg) for arg in request["args"]]))
    if op == "collect":
        return gc.collect()
    if op == "live":
        return [repr(o)[:80] for o in gc.get_objects() if is_js_proxy(o)]
    raise ValueError(f"unknown request {op!r}")


def handle(text):
    """Run the request given as JSON; the answer, or the error, as JSON."""
    try:
        return json.dumps({"value": run(json.loads(text))})
    except BaseException as error:
        name = type(error).__name__
        lines = traceback.format_exception(error)
        try:
            message = str(error)
        except Exception:
            message = lines[-1]
        traceback.clear_frames(error.__traceback__)
        details = {"type": name, "message": message, "traceback": "".join(lines)}
        return json.dumps({"error": details})
