"""Wheels as they are on the index, fetched by pip when a test wants one and kept in the build's cache; and work for them to do."""

from __future__ import annotations

import sys
from pathlib import Path

from .runtime import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from buildlib import recipes, store
from buildlib.progress import Stage
from buildlib.venv import venv

PLATFORM = "pyemscripten_2025_0_wasm32"
# name: version, sha256 of the wheel for this platform.
WHEELS = {
    "xxhash": ("4.1.0", "ffec5e9139b972051065cb58a3e74914d8a7f70c3bc9c23e03909df22c88dc30"),
    "msgpack": ("1.2.4", "d088d1f552e129859db830692268747aba0a1ee3e6e0fe6344dbb3aab1df9f6c"),
    "simplejson": ("4.3.0", "67666fc300dafd4a5e9a87441d6f33dc938251a0b8f7e882facd43ffecc55295"),
    "bitarray": ("3.12.3", "570310f238007ab3ea48ba58f54820df871011e1580a27aba031011d34526208"),
    "apsw": ("3.54.1.0", "29a7698926951e8b7879771a14f0d1ae40ede575b20ef2e917c3a70c24e01092"),
    "cramjam": ("2.14.0", "c354e24d831321fa799c4e6c72c1aa7cf7360d1d148f99c7f6ff4f218e44b4b5"),
    "awkward-cpp": ("57", "0c5b66f8ac094a9f9e26b5558c28691a327c626fd6af73b3026aa146ee6e0289"),
}


def wheel(name: str) -> Path:
    """The published wheel of a package."""
    version, sha256 = WHEELS[name]

    def fetch(running: Stage, folder: Path, final: Path) -> None:
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        python = venv("packages", recipes.REQUIREMENTS) / "python"
        command: list[str | Path] = [python, "-m", "pip", "download", "-q", "--no-deps"]
        command += ["--require-hashes", "--only-binary=:all:", "--platform", PLATFORM]
        command += ["--python-version", "3.13", "--implementation", "cp"]
        running.run([*command, "-d", folder, "-r", requirements])
        requirements.unlink()

    key = store.key_of(name, version, sha256)
    (found,) = store.cached("published", f"downloading {name}", key, fetch).glob("*.whl")
    return found


def index_wheels() -> list[Path]:
    """The wheels of the distribution's recipes as they are on the index, all for every platform."""
    return sorted(recipes.downloads().glob("*.whl"))


# What each does is known beforehand; the code ends with an expression that is True.
WORK = {
    "xxhash": """
import xxhash
h = xxhash.xxh3_128()
for _ in range(3):
    h.update(b"abc" * 1000)
(
    xxhash.xxh32_hexdigest(b"abc") == "32d153ff"
    and xxhash.xxh64_hexdigest(b"abc") == "44bc2cf5ad770999"
    and h.digest() == xxhash.xxh3_128_digest(b"abc" * 3000)
)
""",
    "msgpack": """
import datetime, msgpack
from msgpack import _cmsgpack
value = {"a": [1, -2.5, None, True, b"raw", 2**63], "ü": {"nested": list(range(1000))}}
packed = msgpack.packb(value)
now = datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc)
unpacker = msgpack.Unpacker()
for i in range(0, len(packed), 7):
    unpacker.feed(packed[i:i + 7])
try:
    msgpack.unpackb(packed[:-1])
except ValueError:
    cut = True
(
    msgpack.unpackb(packed) == value == next(unpacker) and cut
    and msgpack.unpackb(msgpack.packb(now, datetime=True), timestamp=3) == now
    and msgpack.Packer is _cmsgpack.Packer
)
""",
    "simplejson": """
import decimal, simplejson
from simplejson import _speedups
text = simplejson.dumps({"a": [1, 2.5, "ü\\u2028", None], "d": decimal.Decimal("1.10")}, use_decimal=True)
try:
    simplejson.loads('{"a": ')
except simplejson.JSONDecodeError as error:
    place = error.pos
(
    text == '{"a": [1, 2.5, "\\\\u00fc\\\\u2028", null], "d": 1.10}'
    and simplejson.loads(text, use_decimal=True)["d"] == decimal.Decimal("1.10")
    and place == 6 and simplejson.encoder.c_make_encoder is _speedups.make_encoder
)
""",
    "bitarray": """
import pickle
from bitarray import bitarray, util
a = bitarray("1011") * 1000
b = ~a
b[::2] = 1
(
    a.count() == 3000 and util.ba2int(bitarray("1011")) == 11
    and util.sc_decode(iter(util.sc_encode(a))) == a
    and (a | ~a).all() and list(a.search(bitarray("01110")))[:2] == [1, 5]
    and pickle.loads(pickle.dumps(b)) == b and util.count_xor(a, b) > 0
)
""",
    "apsw": """
import apsw, os
db = apsw.Connection(":memory:")
db.create_scalar_function("thrice", lambda x: 3 * x)
db.execute("create table t(a, b); insert into t values(1, 'one'), (2, 'two')")
rows = list(db.execute("select thrice(a), b from t order by a desc"))
try:
    db.execute("select no_column from t")
except apsw.SQLError as error:
    message = str(error)
def raising(x):
    raise KeyError("mine")
db.create_scalar_function("raising", raising)
try:
    list(db.execute("select raising(1)"))
except KeyError as error:
    kept = error.args
for path in ("/tmp/test.db",):
    with apsw.Connection(path) as file:
        file.execute("create table k(v); insert into k values(?)", (b"blob",))
    file.close()
    again = apsw.Connection(path, apsw.SQLITE_OPEN_READONLY)
    stored = list(again.execute("select v from k"))
    again.close()
    os.remove(path)
(
    rows == [(6, "two"), (3, "one")] and "no such column: no_column" in message
    and kept == ("mine",) and stored == [(b"blob",)] and apsw.sqlite_lib_version() >= "3.54"
)
""",
    "cramjam": """
import cramjam
data = bytes(range(256)) * 100
codecs = (cramjam.snappy, cramjam.brotli, cramjam.gzip, cramjam.lz4, cramjam.zstd, cramjam.bzip2, cramjam.deflate, cramjam.zlib, cramjam.xz)
sizes = []
for codec in codecs:
    packed = codec.compress(data)
    sizes.append(len(packed))
    assert bytes(codec.decompress(packed)) == data, codec
try:
    cramjam.zstd.decompress(b"not compressed")
except cramjam.DecompressionError:
    refused = True
try:
    cramjam.gzip.compress(5)
except TypeError:
    typed = True
import gzip, bz2
(
    refused and typed and max(sizes) < len(data)
    and gzip.decompress(bytes(cramjam.gzip.compress(data))) == data
    and bytes(cramjam.bzip2.decompress(bz2.compress(data))) == data
)
""",
    # Its package needs numpy; the module alone does not. It needs a library by rpath, in which C++ exceptions begin.
    "awkward-cpp": """
import importlib.util, pathlib, sys
(folder,) = [p for p in (pathlib.Path(entry, "awkward_cpp", "lib") for entry in sys.path) if p.is_dir()]
(file,) = folder.glob("_ext.*.so")
spec = importlib.util.spec_from_file_location("_ext", file)
ext = importlib.util.module_from_spec(spec)
spec.loader.exec_module(ext)
machine = ext.ForthMachine64(": square dup * ; 3 square 4 square + 0 do i loop")
machine.run()
try:
    ext.ForthMachine64("no_such_word")
except ValueError as error:
    message = str(error)
builder = ext.ArrayBuilder()
builder.beginlist()
for i in range(5):
    builder.integer(i)
builder.endlist()
try:
    builder.endlist()
except ValueError as error:
    unbalanced = str(error)
(
    machine.stack == list(range(25)) and "no_such_word" in message and len(builder) == 1
    and "end_list" in unbalanced
)
""",
}
