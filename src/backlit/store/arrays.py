"""Arrays on disk: a tree of dicts, lists and arrays as one safetensors file, read without loading it.

    write_tree(path, {"trainable": [kernel, bias], "sample_weight": None})
    read_tree(path)["trainable"][0][7]     # reads the pages of this one row

What `read_tree` gives are views of the file, mapped into memory: a member of a large population is read without the
others, and a list of runs reads nothing. The file is plain safetensors; the tree stands in its metadata.

Not for anything but numbers.
"""

import errno
import json
import os
import re
from pathlib import Path
from typing import Any

import numpy as np

_KINDS = {"float64": "F64", "float32": "F32", "float16": "F16", "bool": "BOOL"}
_KINDS |= {f"int{bits}": f"I{bits}" for bits in (8, 16, 32, 64)} | {
    f"uint{bits}": f"U{bits}" for bits in (8, 16, 32, 64)
}
_DTYPES = {kind: np.dtype(name) for name, kind in _KINDS.items()}


def write_tree(path: Path, tree: Any) -> None:
    """Writes a tree and waits until the disk has it.

    Args:
        path: A file that is not there yet.
        tree: Dicts with string keys, lists, arrays, None; a tuple comes back as a list.

    Raises:
        OSError: If the disk refuses.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import save_file

    arrays: dict[str, np.ndarray] = {}
    dtypes: dict[str, str] = {}
    index = _flatten(tree, "", arrays)
    for name, array in arrays.items():
        if array.dtype.name not in _KINDS:  # bfloat16 and its kin, which not every reader knows: their bits
            dtypes[name] = array.dtype.name
            arrays[name] = array.view(f"uint{8 * array.itemsize}")
    try:
        save_file(arrays, path, metadata={"tree": json.dumps(index), "dtypes": json.dumps(dtypes)})
    except SafetensorError as error:
        number = re.search(r"os error (\d+)", str(error))
        code = int(number[1]) if number else errno.EIO
        raise OSError(code, os.strerror(code), str(path)) from error
    with path.open("rb") as file:
        os.fsync(file.fileno())


def read_tree(path: Path) -> Any:
    """Reads a tree; the numbers stay in the file until they are used.

    Args:
        path: What `write_tree` wrote.

    Returns:
        The same tree, with read-only arrays.
    """
    raw = np.asarray(np.memmap(path, mode="r"))
    n_header = int(raw[:8].view("<u8")[0])
    header = json.loads(raw[8 : 8 + n_header].tobytes())
    metadata = header.pop("__metadata__")
    dtypes = json.loads(metadata["dtypes"])
    body = raw[8 + n_header :]
    arrays = {}
    for name, entry in header.items():
        start, end = entry["data_offsets"]
        array = body[start:end].view(_DTYPES[entry["dtype"]]).reshape(entry["shape"])
        arrays[name] = array.view(_dtype(dtypes[name])) if name in dtypes else array
    return _unflatten(json.loads(metadata["tree"]), arrays)


def tree_bytes(tree: Any) -> int:
    """Size of all arrays of a tree.

    Args:
        tree: Dicts, lists, arrays, None.

    Returns:
        Bytes.
    """
    if isinstance(tree, dict):
        return sum(map(tree_bytes, tree.values()))
    if isinstance(tree, list | tuple):
        return sum(map(tree_bytes, tree))
    return 0 if tree is None else tree.nbytes


def _flatten(tree: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    """The tree with names in the place of arrays; the arrays are put into `arrays`."""
    if isinstance(tree, dict):
        return {key: _flatten(value, f"{name}/{key}", arrays) for key, value in tree.items()}
    if isinstance(tree, list | tuple):
        return [_flatten(value, f"{name}/{i}", arrays) for i, value in enumerate(tree)]
    if tree is None:
        return None
    arrays[name[1:]] = np.asarray(tree, order="C")
    return name[1:]


def _unflatten(index: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(index, dict):
        return {key: _unflatten(value, arrays) for key, value in index.items()}
    if isinstance(index, list):
        return [_unflatten(value, arrays) for value in index]
    return None if index is None else arrays[index]


def _dtype(name: str) -> np.dtype:
    import ml_dtypes  # comes with JAX

    return np.dtype(getattr(ml_dtypes, name))
