"""Whether objects and a storage root keep the rules of OCFL 1.0 and 1.1, down to each byte of content.

In: a tree of files as values, for a folder and a bucket alike: `files` leads from relative paths to what
opens them for reading, `folders` are all directories, empty ones included. Out: what was found, each with
its code of the specification (E… invalid, W… valid and could be better). A root is sound only where each
of its objects is: they are all checked, and content is read in portions.

A tree does not tell links from files (E090): whoever lists it leaves them out or refuses them.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import BinaryIO, TypeAlias

from ..base import BadInput
from ..collect.files import shown
from .ocfl import (
    IGNORED_ALGORITHMS,
    INVENTORY,
    LARGEST_INVENTORY,
    LAYOUT,
    LAYOUT_CONFIG,
    LAYOUT_FILE,
    OBJECT_DECLARATION,
    Inventory,
    Problem,
    judge_inventory,
    number_of,
    object_folder,
    read_json,
)

Files: TypeAlias = Mapping[str, Callable[[], BinaryIO]]
Hash: TypeAlias = "hashlib._Hash | hashlib.blake2b"  # noqa: SLF001  # the name that typeshed gives it

PORTION = 1 << 20
_LARGEST_SIDECAR = 4096
_LARGEST_LAYOUT = 1 << 20
_ROOT_DECLARATION = "0=ocfl_"
_KNOWN = ("1.0", "1.1")

# github.com/OCFL/extensions: the registered ones.
_EXTENSIONS = frozenset(
    {
        "0001-digest-algorithms",
        "0002-flat-direct-storage-layout",
        "0003-hash-and-id-n-tuple-storage-layout",
        "0004-hashed-n-tuple-storage-layout",
        "0005-mutable-head",
        "0006-flat-omit-prefix-storage-layout",
        "0007-n-tuple-omit-prefix-storage-layout",
        "0008-schema-registry",
        "0009-digest-algorithms",
        "0010-differential-n-tuple-omit-prefix-storage-layout",
        "0011-direct-clean-path-layout",
        "0012-hash-and-no-prefix-id-n-tuple-storage-layout",
        "initial",
    }
)

HASHES: Mapping[str, Callable[[], Hash]] = MappingProxyType(
    {
        "md5": lambda: hashlib.md5(usedforsecurity=False),
        "sha1": lambda: hashlib.sha1(usedforsecurity=False),
        "sha224": hashlib.sha224,
        "sha256": hashlib.sha256,
        "sha384": hashlib.sha384,
        "sha512": hashlib.sha512,
        "blake2b-512": hashlib.blake2b,
        "blake2b-160": lambda: hashlib.blake2b(digest_size=20),
        "blake2b-256": lambda: hashlib.blake2b(digest_size=32),
        "blake2b-384": lambda: hashlib.blake2b(digest_size=48),
    }
)


def check_object(*, files: Files, folders: Collection[str], read: bool = True) -> list[Problem]:
    """What is wrong with the OCFL object in a tree; nothing where it is valid and without a warning.

    Without `read` its content is not read: declarations, inventories and their digests are. Errors of the
    storage itself are raised as they come.
    """
    check = _ObjectCheck(files, folders)
    check.run(read=read)
    return check.problems


def check_root(*, files: Files, folders: Collection[str], read: bool = True) -> list[Problem]:
    """What is wrong with the storage root in a tree, and with each of its objects (§4).

    Beside the listing itself only its order is kept, and one object at a time. `read` as in `check_object`.
    """
    return list(_root_problems(files, folders, read=read))


def objects_in(files: Iterable[str]) -> Iterator[str]:
    """The folders of the objects in a tree, in order; an object stored inside another one is its content."""
    marked = (path.rpartition("/") for path in files if OBJECT_DECLARATION in path)
    ends = {f"{folder}/" for folder, _, name in marked if name.startswith(OBJECT_DECLARATION)}
    if "/" in ends:
        ends = {"/"}  # all others are inside it
    last = ""
    for end in sorted(ends):
        if not (last and end.startswith(last)):
            last = end
            yield end[:-1]


def stream_digests(
    opened: Callable[[], BinaryIO], hashes: Mapping[str, Callable[[], Hash]]
) -> tuple[dict[str, str], int]:
    """The digests of a file in hexadecimal, by the names of `hashes`, and its size; it is read once."""
    digests = {name: new() for name, new in hashes.items()}
    size = 0
    with opened() as stream:
        while portion := stream.read(PORTION):
            size += len(portion)
            for each in digests.values():
                each.update(portion)
    return {name: each.hexdigest() for name, each in digests.items()}, size


def read_whole(opened: Callable[[], BinaryIO], *, most: int) -> bytes:
    """The bytes of a small file, cut off one byte after `most`."""
    portions: list[bytes] = []
    left = most + 1
    with opened() as stream:
        while left and (portion := stream.read(min(left, PORTION))):
            portions.append(portion)
            left -= len(portion)
    return b"".join(portions)


class _ObjectCheck:
    """The check of one object: what was found so far, and what its inventories say of its content."""

    def __init__(self, files: Files, folders: Collection[str]) -> None:
        self.files = files
        self.folders = set(folders) | {folder for path in files for folder in _above(path)}
        self.problems: list[Problem] = []
        self.identifier: str | None = None
        self.declared: str | None = None
        # Files and folders of each version directory.
        self._files_of = _by_first(files)
        self._folders_of = _by_first(self.folders)
        # For each content path its digests, as (code where it is wrong, algorithm, digest).
        self._expected: dict[str, set[tuple[str, str, str]]] = {}

    def add(self, code: str, where: str, words: str) -> None:
        self.problems.append(Problem(code, where, words, code.startswith("E")))

    def run(self, *, read: bool) -> None:
        """Everything there is to check."""
        self._check_declaration()
        inventory, text = self._inventory(INVENTORY)
        if inventory is None:
            return
        self.identifier = inventory.identifier
        if inventory.specification != (self.declared or inventory.specification):
            words = f"The type is that of the declared version {self.declared}: found another one."
            self.add("E038", INVENTORY, words)
        self._check_root_entries(inventory)
        self._expect(inventory)
        algorithms = self._check_version_inventories(inventory, text)
        for version in inventory.versions:
            self._check_version_folder(version, inventory.content_directory, algorithms.get(version))
        self._check_content(inventory)
        if read:
            self._read_content()

    # -------------------------------------------------------------- §3.2, §3.5, §3.6

    def _check_declaration(self) -> None:
        found = [path for path in self.files if path.startswith("0=") and "/" not in path]
        known = [path for path in found if path.removeprefix(OBJECT_DECLARATION) in _KNOWN]
        for path in found:
            if path not in known:
                self.add("E006", path, "A declaration is named 0=ocfl_object_ and 1.0 or 1.1: found another.")
        if len(found) != 1:
            self.add("E003", "", f"An object has one declaration of its version: found {len(found)}.")
        for path in known:
            if read_whole(self.files[path], most=_LARGEST_SIDECAR) != f"{path[2:]}\n".encode():
                self.add(
                    "E007", path, "A declaration holds its name after “0=” and a newline: found other bytes."
                )
        self.declared = max(known)[len(OBJECT_DECLARATION) :] if known else None

    def _inventory(self, path: str) -> tuple[Inventory | None, bytes]:
        """An inventory with its sidecar; None where it is missing or breaks a rule."""
        if path not in self.files:
            self.add("E063", path, "An object has an inventory in its folder: found none.")
            return None, b""
        text = read_whole(self.files[path], most=LARGEST_INVENTORY)
        inventory, problems = judge_inventory(text, where=path)
        self.problems += problems
        # Of an inventory that is broken the digest still tells whether it was changed after it was written.
        beside = [name for name in ("sha512", "sha256") if f"{path}.{name}" in self.files]
        for algorithm in beside if inventory is None else [inventory.algorithm]:
            self._check_sidecar(path, text, algorithm)
        return inventory, text

    def _check_sidecar(self, path: str, text: bytes, algorithm: str) -> None:
        sidecar = f"{path}.{algorithm}"
        if sidecar not in self.files:
            self.add("E058", sidecar, f"An inventory has its digest beside it as {algorithm}: found none.")
            return
        held = read_whole(self.files[sidecar], most=_LARGEST_SIDECAR).split(b"\n")[0]
        digest, _, name = held.replace(b"\t", b" ").partition(b" ")
        if name.strip() != INVENTORY.encode() or not digest.isalnum():
            self.add("E061", sidecar, "The digest of an inventory stands before its name: found other bytes.")
        elif digest.lower() != hashlib.new(algorithm, text).hexdigest().encode():
            self.add("E060", sidecar, "The digest is that of the inventory: found another one.")

    # -------------------------------------------------------------- §3.1, §3.3, §3.8, §3.9

    def _check_root_entries(self, inventory: Inventory) -> None:
        own = {INVENTORY, f"{INVENTORY}.{inventory.algorithm}"}
        for path in self.files:
            if "/" not in path and path not in own and not path.startswith("0="):
                self.add("E001", path, "The folder of an object holds its own files only: found another.")
        for folder in self.folders:
            if "/" in folder or folder in inventory.versions or folder in {"logs", "extensions"}:
                continue
            if number_of(folder):
                self.add("E046", folder, "The inventory names each version directory: found one more.")
            else:
                self.add("E001", folder, "An object has versions, logs and extensions: found another folder.")
        for problem in _extension_problems(self.files, self.folders, codes=("E067", "W013")):
            self.problems.append(problem)

    def _check_version_folder(self, version: str, content: str, algorithm: str | None) -> None:
        if version not in self.folders:
            self.add("E046", version, "Each version of the inventory has its directory: found none.")
        own = {INVENTORY, f"{INVENTORY}.{algorithm}"} if algorithm else set()
        files, folders = self._files_of.get(version, []), self._folders_of.get(version, [])
        for path in files:
            if "/" not in path and path not in own:
                words = "A version directory holds an inventory and its digest: found another file."
                self.add("E015", f"{version}/{path}", words)
        filled = {folder for path in files for folder in _above(path)}
        for folder in folders:
            if folder.startswith(f"{content}/") and folder not in filled:
                words = "No folder of content is empty: found one; keep a file in it."
                self.add("E024", f"{version}/{folder}", words)
            elif "/" not in folder and folder != content:
                words = "A version directory should hold its content only: found a folder."
                self.add("W002", f"{version}/{folder}", words)
        if content in folders and content not in filled:
            words = "A version without files should have no content directory: found one."
            self.add("W003", f"{version}/{content}", words)

    # -------------------------------------------------------------- §3.7

    def _check_version_inventories(self, root: Inventory, text: bytes) -> dict[str, str]:
        """Check the inventory of each version against that of the root; gives the algorithm of each."""
        algorithms: dict[str, str] = {}
        specification = "1.0"
        contents: set[str] = set()
        for version in root.versions:
            contents |= self._content_of(version, root.content_directory)
            path = f"{version}/{INVENTORY}"
            if path not in self.files:
                self.add("W010", version, "A version directory should have an inventory: found none.")
                continue
            inventory, found = self._inventory(path)
            algorithms[version] = (inventory or root).algorithm
            if version == root.head and found != text:
                self.add("E064", path, "The inventory of the head is that of the object: found other bytes.")
            if inventory is None:
                continue
            if inventory.specification < specification:
                self.add(
                    "E103",
                    path,
                    "A version keeps the specification of the one before or a later: found older.",
                )
            specification = max(specification, inventory.specification)
            self._compare(path, inventory, root, version)
            self._expect(inventory)
            for extra in sorted(contents - _content_paths(inventory)):
                self.add("E023", extra, f"Content is in the manifest of {path}: found this file in none.")
        if root.specification < specification:
            self.add(
                "E103",
                INVENTORY,
                "The object keeps the specification of its versions or a later: found older.",
            )
        return algorithms

    def _compare(self, path: str, prior: Inventory, root: Inventory, version: str) -> None:
        """An inventory of a version against that of the root: the same object, in the same states."""
        if prior.identifier != root.identifier:
            self.add("E037", path, f"The id is {shown(root.identifier)}: found {shown(prior.identifier)}.")
        if prior.head != version:
            self.add("E040", path, f"The head is {version}, where the inventory is: found {prior.head}.")
        if prior.folder != root.folder:
            code = "E019" if prior.folder is None or root.folder is None else "E020"
            self.add(code, path, "The content directory is the same in all versions: found another one.")
        upto = {name for name in root.versions if number_of(name) <= number_of(version)}
        if prior.versions.keys() != upto:
            self.add("E066", path, "An inventory describes each version up to its own: found others.")
        for name in prior.versions.keys() & upto:
            self._compare_version(path, prior, root, name)

    def _compare_version(self, path: str, prior: Inventory, root: Inventory, name: str) -> None:
        before, now = prior.versions[name], root.versions[name]
        alike = prior.algorithm == root.algorithm
        if not (alike and before.state == now.state) and not _same_state(prior, root, name):
            self.add(
                "E066", path, f"The state of version {name} is that of the object's inventory: found another."
            )
        if (before.created, before.message, before.user) != (now.created, now.message, now.user):
            self.add(
                "W011", path, f"What is said of version {name} should be what the object says: found other."
            )

    # -------------------------------------------------------------- content and its digests

    def _expect(self, inventory: Inventory) -> None:
        """Keep what an inventory says of the digests of content."""
        blocks = [("E092", inventory.algorithm, inventory.manifest)]
        blocks += [("E093", name, digests) for name, digests in inventory.fixity.items()]
        for code, algorithm, digests in blocks:
            for digest, paths in () if algorithm in IGNORED_ALGORITHMS else digests.items():
                for path in paths:
                    self._expected.setdefault(path, set()).add((code, algorithm, digest.lower()))

    def _content_of(self, version: str, content: str) -> set[str]:
        files = self._files_of.get(version, [])
        return {f"{version}/{path}" for path in files if path.startswith(f"{content}/")}

    def _check_content(self, inventory: Inventory) -> None:
        """E023 and E092: what is there is in the manifest, and what the inventories name is there."""
        listed = _content_paths(inventory)
        for version in inventory.versions:
            for extra in sorted(self._content_of(version, inventory.content_directory) - listed):
                self.add("E023", extra, "Content is in the manifest of the object: found this file in none.")
        for path in sorted(self._expected.keys() - self.files.keys()):
            words = "The inventory names this file: found none there; restore it from another copy."
            for code in sorted({code for code, _, _ in self._expected[path]}):
                self.add(code, path, words)

    def _read_content(self) -> None:
        for path in sorted(self._expected.keys() & self.files.keys()):
            wanted = self._expected[path]
            hashes = {algorithm: HASHES[algorithm] for _, algorithm, _ in wanted}
            found, _ = stream_digests(self.files[path], hashes)
            for code, algorithm, digest in sorted(wanted):
                if found[algorithm] != digest:
                    words = f"The {algorithm} {digest[:16]}… was expected: found {found[algorithm][:16]}…; "
                    self.add(code, path, f"{words}restore it from another copy.")


def _above(path: str) -> Iterator[str]:
    """The folders above a path, the nearest first."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _by_first(paths: Iterable[str]) -> dict[str, list[str]]:
    """The paths below each first segment, without it."""
    below: dict[str, list[str]] = {}
    for path in paths:
        first, _, rest = path.partition("/")
        if rest:
            below.setdefault(first, []).append(rest)
    return below


def _content_paths(inventory: Inventory) -> set[str]:
    return set(chain.from_iterable(inventory.manifest.values()))


def _same_state(prior: Inventory, root: Inventory, version: str) -> bool:
    """Whether two inventories give the same content to the same logical paths.

    Digests of two algorithms cannot be compared: then all the prior's content must be the root's.
    """
    before, now = prior.versions[version].state, root.versions[version].state
    if prior.algorithm == root.algorithm:
        return _digest_by_path(before) == _digest_by_path(now)
    held = {path: set(prior.manifest[digest]) for digest, paths in before.items() for path in paths}
    holds = {path: set(root.manifest[digest]) for digest, paths in now.items() for path in paths}
    return held.keys() == holds.keys() and all(found <= holds[path] for path, found in held.items())


def _digest_by_path(state: Mapping[str, Sequence[str]]) -> dict[str, str]:
    return {path: digest.lower() for digest, paths in state.items() for path in paths}


def _extension_problems(
    files: Iterable[str], folders: Iterable[str], *, codes: tuple[str, str]
) -> Iterator[Problem]:
    """§3.9 and §4.4: extensions are folders, and should be registered."""
    wrong, unknown = codes
    for path in files:
        if path == "extensions" or (path.startswith("extensions/") and path.count("/") == 1):
            words = "The folder of extensions holds folders only: found a file."
            yield Problem(wrong, path, words, error=True)
    for folder in folders:
        above, _, name = folder.partition("/")
        if above == "extensions" and name and "/" not in name and name not in _EXTENSIONS:
            words = "An extension should be registered with OCFL: found another name."
            yield Problem(unknown, folder, words, error=False)


# ------------------------------------------------------------------ the storage root (§4)


def _root_problems(files: Files, folders: Collection[str], *, read: bool) -> Iterator[Problem]:
    names, directories = sorted(files), sorted(set(folders))
    version, problems = _root_declaration(files, names)
    yield from problems
    objects = list(objects_in(names))
    if "" in objects:
        words = "Objects stand below the storage root: found the declaration of an object in the root itself."
        yield Problem("E082", "", words, error=True)
        return
    by_layout, problems = _layout(files)
    yield from problems
    top = {directory for directory in directories if directory.count("/") <= 1}
    yield from _extension_problems(_within(names, "extensions"), top, codes=("E112", "W016"))
    yield from _hierarchy_problems(names, directories, objects)
    seen: set[str] = set()
    for folder in objects:
        yield from _placed(
            files,
            _within(names, folder),
            _within(directories, folder),
            folder,
            read=read,
            version=version,
            by_layout=by_layout,
            seen=seen,
        )


def _within(names: Sequence[str], folder: str) -> Sequence[str]:
    """Those of the sorted names that stand below a folder."""
    # "0" follows "/": between the two stands all that begins with the folder and a slash.
    return names[bisect_left(names, f"{folder}/") : bisect_left(names, f"{folder}0")]


def _placed(
    files: Files,
    names: Sequence[str],
    directories: Sequence[str],
    folder: str,
    *,
    read: bool,
    version: str | None,
    by_layout: bool,
    seen: set[str],
) -> Iterator[Problem]:
    """One object of a root: what is wrong with it, and with where it stands."""
    start = len(folder) + 1
    own = {name[start:]: files[name] for name in names}
    check = _ObjectCheck(own, [directory[start:] for directory in directories])
    check.run(read=read)
    if version is not None and (check.declared or version) > version:
        words = f"Objects keep the version {version} of their root or an earlier one: found {check.declared}."
        check.add("E081", "", words)
    if check.identifier is not None:
        if by_layout and object_folder(check.identifier) != folder:
            words = f"The layout has the object {shown(check.identifier)} in another folder: found it here."
            check.add("E083", "", words)
        if check.identifier in seen:
            check.add("E037", "", f"An id stands for one object: found {shown(check.identifier)} before.")
        seen.add(check.identifier)
    for each in check.problems:
        yield Problem(each.code, f"{folder}/{each.where}".removesuffix("/"), each.words, each.error)


def _root_declaration(files: Files, names: Sequence[str]) -> tuple[str | None, list[Problem]]:
    """§4.2: the version that the root declares, and what is wrong with its declaration."""
    problems: list[Problem] = []
    found = [name for name in names if name.startswith("0=") and "/" not in name]
    known = [name for name in found if name.removeprefix(_ROOT_DECLARATION) in _KNOWN]
    if not found:
        problems.append(
            Problem("E069", "", "A storage root declares itself by 0=ocfl_1.1: found none.", error=True)
        )
    elif len(found) > 1:
        words = f"A storage root has one declaration: found {len(found)}."
        problems.append(Problem("E076", "", words, error=True))
    for name in found:
        if name not in known:
            words = "A declaration is named 0=ocfl_ and 1.0 or 1.1: found another."
            problems.append(Problem("E079", name, words, error=True))
        elif read_whole(files[name], most=_LARGEST_SIDECAR) != f"{name[2:]}\n".encode():
            words = "A declaration holds its name after “0=” and a newline: found other bytes."
            problems.append(Problem("E080", name, words, error=True))
    return (max(known).removeprefix(_ROOT_DECLARATION) if known else None), problems


def _layout(files: Files) -> tuple[bool, list[Problem]]:
    """Whether the root has the layout of `object_folder`, and what is wrong with its description (§4.1)."""
    if LAYOUT_FILE not in files:
        return False, []
    layout, problems = _members(files, LAYOUT_FILE)
    if layout is None:
        return False, problems
    if not {"extension", "description"} <= layout.keys():
        words = "A layout has the keys extension and description: found one missing."
        return False, [Problem("E070", LAYOUT_FILE, words, error=True)]
    if layout["extension"] not in _EXTENSIONS:
        words = "The extension of a layout is registered with OCFL: found another name."
        return False, [Problem("E071", LAYOUT_FILE, words, error=True)]
    return layout["extension"] == LAYOUT and _is_default(files), []


def _members(files: Files, path: str) -> tuple[dict[str, object] | None, list[Problem]]:
    try:
        text = read_whole(files[path], most=_LARGEST_LAYOUT)
        members = read_json(text, most=_LARGEST_LAYOUT, numbers=True)
    except BadInput as refused:
        return None, [Problem("E070", path, str(refused), error=True)]
    if not isinstance(members, dict):
        return None, [Problem("E070", path, "A layout is a JSON object: found another value.", error=True)]
    return members, []


def _is_default(files: Files) -> bool:
    """Whether the layout has its default parameters, those that `object_folder` follows."""
    if LAYOUT_CONFIG not in files:
        return True
    config, _ = _members(files, LAYOUT_CONFIG)
    defaults = {"digestAlgorithm": "sha256", "tupleSize": 3, "numberOfTuples": 3}
    return config is not None and all(config.get(name, value) == value for name, value in defaults.items())


def _hierarchy_problems(
    names: Sequence[str], directories: Sequence[str], objects: Sequence[str]
) -> Iterator[Problem]:
    """§4.3: between the root and its objects are folders only, none of them empty."""
    ends = [f"{folder}/" for folder in objects]
    for name in names:
        # E087: files in the root itself are nobody's business.
        if "/" in name and not name.startswith("extensions/") and not _inside(name, ends):
            words = "Files stand in objects: found one in a folder that is none."
            yield Problem("E084", name, words, error=True)
    for directory in directories:
        end = f"{directory}/"
        if end.startswith("extensions/") or _inside(end, ends):
            continue
        if not _within(names, directory):
            yield Problem("E073", directory, "No folder of a storage root is empty: found one.", error=True)
    flat = [folder for folder in objects if "/" not in folder]
    if flat and len(flat) < len(objects):
        words = "Objects should stand all in the root or all in folders: found both."
        yield Problem("W015", flat[0], words, error=False)


def _inside(path: str, ends: Sequence[str]) -> bool:
    """Whether a path stands in one of the sorted folders, of which none is inside another."""
    place = bisect_left(ends, path)
    return (place < len(ends) and ends[place] == path) or (place > 0 and path.startswith(ends[place - 1]))
