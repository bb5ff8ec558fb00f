"""What a training run leaves in a folder, so that it and nothing else can be deleted."""

from pathlib import Path

_Stamp = tuple[int, int, int] | None


class Written:
    """What is written into a folder from now on.

    Parameters
    ----------
    folder
        It may not exist yet.
    fresh
        It was just made, for this alone.
    """

    def __init__(self, folder: Path, fresh: bool = False) -> None:
        self._folder = folder.absolute()
        self._before = {} if fresh else self._entries()
        self._settled: dict[Path, _Stamp] | None = None

    def settle(self) -> None:
        """End of writing: whatever comes into the folder later belongs to somebody else."""
        self._settled = self._entries()

    def remove(self) -> None:
        """Delete the files that were written, and the folders that are empty then and are new."""
        written = self._entries() if self._settled is None else self._settled
        # What a folder holds sorts after it.
        for path in sorted(written, reverse=True):
            stamp = written[path]
            if stamp is not None and stamp != self._before.get(path):
                path.unlink(missing_ok=True)
            elif stamp is None and path not in self._before and path.is_dir() and not any(path.iterdir()):
                path.rmdir()

    def _entries(self) -> dict[Path, _Stamp]:
        """Each file with what tells it from another of its name, and each folder, this one too, with None."""
        if not self._folder.exists():
            return {}
        stamps: dict[Path, _Stamp] = {self._folder: None}
        for path in self._folder.rglob("*"):
            if path.is_dir() and not path.is_symlink():
                stamps[path] = None
            else:
                stat = path.lstat()
                stamps[path] = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
        return stamps
