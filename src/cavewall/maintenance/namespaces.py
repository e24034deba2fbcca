"""`wall.model`, `wall.versions` and `wall.maintenance`: what keeps a wall in order."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from cavewall._internal.progress import CountProgress, StageProgress
from cavewall.encoders import Encoder, ImageEncoder, encoder_for_wall, image_encoder_for_wall
from cavewall.errors import InputError
from cavewall.search.connection import Connection, Namespace, retried
from cavewall.search.wall_version import WallVersion
from cavewall.storage import STANDBY
from cavewall.storage.object_store_errors import raises_storage_errors
from cavewall.storage.writer_leases import writer_lease

if TYPE_CHECKING:
    from PIL import Image

    from cavewall.cluster import RayEngine
    from cavewall.explore.evaluation import Question
    from cavewall.maintenance.adopt import AttachReport
    from cavewall.maintenance.build_index import IndexReport
    from cavewall.maintenance.doctor import HealthReport
    from cavewall.maintenance.duplicates import Duplicates
    from cavewall.maintenance.embed_images import ImageEmbeddingReport
    from cavewall.maintenance.optimize import OptimizeReport
    from cavewall.maintenance.reencode import ReencodeReport
    from cavewall.storage.table_admin import Version

__all__ = [
    "EngineName",
    "WallMaintenance",
    "WallModel",
    "WallVersions",
    "compact",
    "engine_named",
    "remove_orphans",
]

EngineName = Literal["local", "ray"]


def compact(connection: Connection) -> None:
    """Merge small files and drop old versions after a write, as far as that is cheap."""
    from cavewall.maintenance.compaction import auto_compact

    auto_compact(connection.store())


def _uses_cluster(engine: str, address: str | None) -> bool:
    """Whether the engine of that name works on a cluster.

    Raises:
        InputError: there is none of that name, or it needs no address.
    """
    if engine not in ("local", "ray"):
        raise InputError(f"engine is 'local' or 'ray', not {engine!r}")
    if engine == "local" and address is not None:
        raise InputError(f"a cluster at {address} is for engine 'ray': say that as well")
    return engine == "ray"


def engine_named(name: str, address: str | None) -> RayEngine | None:
    """The engine of that name for an `add`; None for this process. Raises InputError."""
    if not _uses_cluster(name, address):
        return None
    from cavewall.cluster import RayEngine

    return RayEngine(address)


def remove_orphans(connection: Connection) -> None:
    """Remove files that no version knows, unless other writers keep them: then `optimize` does."""
    from cavewall.maintenance.compaction import clean_up

    with suppress(OSError, RuntimeError, ValueError):
        clean_up(connection.store(), orphans=True)


@raises_storage_errors
class WallModel(Namespace):
    """The encoders of a wall: re-encoding its captions, and its image space."""

    def reencode(
        self,
        encoder: str | Encoder,
        questions: Iterable[Question] = (),
        progress: CountProgress | None = None,
        *,
        engine: EngineName = "local",
        ray_address: str | None = None,
    ) -> ReencodeReport:
        """Give every picture a second vector, by another encoder, while the first ones are used.

        An interrupted run resumes where it stopped. `switch` makes the new vectors active; with
        `questions` (see `cavewall.explore.evaluation`) both are evaluated first.

        Raises:
            InputError: the encoder is active already, or a re-encoding by a third one is pending.
        """
        from cavewall.maintenance import reencode
        from cavewall.maintenance.encoder_comparison import difference

        connection = self.connection
        with connection.adding, writer_lease(self.address):
            store = connection.store()
            active = (connection.version(), connection.encoder)
            other = encoder_for_wall(self.address, encoder, None)
            encoding = None
            if _uses_cluster(engine, ray_address):
                from cavewall.cluster.reencode import encode_on_ray

                encoding = encode_on_ray(other, ray_address)
            filled = reencode.encode_missing(store, other, progress, encoding)
            pending = (WallVersion(store, lambda: other, column=STANDBY), other)
            change = difference(active, pending, questions)
        return reencode.ReencodeReport(other.name, connection.encoder.name, filled, change)

    def switch(self) -> str:
        """Make the pending vectors active, in one version; returns their encoder's name.

        The former ones are pending then: switching back is the same, until `finish`.
        """
        from cavewall.maintenance import reencode

        with self.connection.adding:
            store = self.connection.store()
            reencode.switch(store)
            self.connection.wanted_encoder = None
            return store.metadata.encoder.name

    def finish(self) -> None:
        """Drop the former vectors, once the new ones are active."""
        from cavewall.maintenance import reencode

        with self.connection.adding:
            reencode.finish(self.connection.store())
            compact(self.connection)

    def discard(self) -> None:
        """Drop the pending vectors, whichever they are."""
        from cavewall.maintenance import reencode

        with self.connection.adding:
            reencode.discard(self.connection.store())
            compact(self.connection)

    def embed_images(
        self,
        image_encoder: str | ImageEncoder | None = None,
        progress: CountProgress | None = None,
    ) -> ImageEmbeddingReport:
        """Give every picture that has bytes an image vector, in batches, while the wall is used.

        `image_encoder` may be left out where the wall has an image space. An interrupted run
        resumes where it stopped.

        Raises:
            InputError: there is no image space and no encoder is named, or the space is another's.
        """
        from cavewall.maintenance import embed_images

        connection = self.connection
        with connection.adding, writer_lease(self.address):
            store = connection.store()
            encoder = (
                connection.image_encoder
                if image_encoder is None
                else image_encoder_for_wall(self.address, image_encoder, store.metadata.image)
            )
            if encoder is None:
                raise InputError(
                    f"the wall {self.address} has no image space: name the image encoder that is "
                    "to make one"
                )
            report = embed_images.embed_images(store, encoder, progress)
            connection.use_image_encoder(encoder)
            compact(connection)
        return report

    def discard_images(self) -> None:
        """Drop the image space. Pictures without captions stay, and no search finds them."""
        from cavewall.maintenance import embed_images

        with self.connection.adding:
            embed_images.discard(self.connection.store())
            self.connection.use_image_encoder(None)
            compact(self.connection)


@raises_storage_errors
class WallVersions(Namespace):
    """The versions of a wall, their tags, and the way back to them."""

    def all(self) -> list[Version]:
        """The versions that exist, oldest first."""
        from cavewall.storage.table_admin import TableAdmin

        return TableAdmin(self.connection.store()).versions()

    def tag(self, name: str, version: int | None = None) -> int:
        """Name a version, the newest if none is given, so that it is kept; returns its number.

        Raises:
            InputError: a name that cannot be, or a version that is not there.
        """
        from cavewall.maintenance.versions import tag

        return tag(self.connection.store(), name, version)

    def untag(self, name: str) -> int:
        """Take a version's name away; returns its number. Raises InputError if none has it."""
        from cavewall.maintenance.versions import untag

        return untag(self.connection.store(), name)

    def restore(self, version: int | str) -> int:
        """Make a version, by number or tag, the newest again; returns its new number.

        What is replaced stays as the tag `overwritten`.

        Raises:
            InputError: there is no such version, or it is the newest already.
        """
        from cavewall.maintenance.versions import restore

        with self.connection.adding, writer_lease(self.address):
            return restore(self.connection.store(), version)


@raises_storage_errors
class WallMaintenance(Namespace):
    """Checking, repairing, compacting and exporting a wall: see `docs/upkeep.md`."""

    def adopt(
        self,
        table: str | os.PathLike[str],
        *,
        vector_column: str | None = None,
        id_column: str | None = None,
        caption_column: str | None = None,
        image_column: str | None = None,
    ) -> AttachReport:
        """Make this wall of an existing LanceDB table, searched where it is.

        Nothing of the table is copied or changed. Columns of the usual names need not be named.

        Raises:
            InputError: there is no such table, its columns are unclear, or there is a wall here.
            EncoderMismatchError: the table's vectors are not those of this wall's encoder.
        """
        from cavewall.maintenance.adopt import adopt

        with self.connection.adding:
            return adopt(
                self.address,
                os.fspath(table),
                encoder_for_wall(self.address, self.connection.wanted_encoder, None),
                vector=vector_column,
                image_id=id_column,
                captions=caption_column,
                image=image_column,
            )

    def delete(self, image_ids: Iterable[str]) -> int:
        """Delete those pictures, in one version; returns how many.

        Raises:
            UnknownPictureError: one is not on the wall. Nothing is deleted then.
        """
        from cavewall.maintenance.delete import delete

        with self.connection.adding:
            with writer_lease(self.address):
                deleted = delete(self.connection.store(), image_ids)
            if deleted:
                compact(self.connection)
            return deleted

    @retried
    def duplicates(
        self,
        threshold: float | None = None,
        progress: StageProgress | None = None,
        *,
        space: str | None = None,
    ) -> Duplicates:
        """Groups of the same bytes, the same look, or vectors of that cosine or more.

        Vectors are those of `space`: `caption`, where any picture has a caption, by default.
        """
        from cavewall.index.phash import COSINE
        from cavewall.maintenance.duplicates import find_duplicates

        chosen = self.connection.version().one_space(space)
        return find_duplicates(chosen, COSINE if threshold is None else threshold, progress)

    def duplicates_sheet(self, duplicates: Duplicates) -> Image.Image:
        """The groups as one picture, the first of them if there are many."""
        from cavewall.maintenance.duplicates import duplicates_sheet

        return duplicates_sheet(self.connection.store(), duplicates)

    @retried
    def export(self, path: str | os.PathLike[str], *, atlas: bool = False) -> int:
        """Write the wall to a `.parquet` or `.csv` file; returns how many pictures it has.

        Raises:
            InputError: the name ends in something else, or the file cannot be written.
        """
        from cavewall.maintenance.export import export

        return export(self.connection.store(), Path(path), atlas=atlas)

    @retried
    def doctor(self) -> HealthReport:
        """What is wrong with the wall, and what to do about it."""
        from cavewall.maintenance.doctor import check

        return check(self.connection.store(), lambda: self.connection.encoder)

    def optimize(self) -> OptimizeReport:
        """Merge small files, and remove old versions and what interrupted writers left.

        The newest version, all tagged ones and what was last overwritten stay.
        """
        from cavewall.maintenance.optimize import optimize

        with self.connection.adding:
            return optimize(self.connection.store())

    @retried
    def index(
        self,
        *,
        check: bool = False,
        engine: EngineName = "local",
        ray_address: str | None = None,
        progress: StageProgress | None = None,
        space: str | None = None,
    ) -> IndexReport:
        """Build ahead what searches of the newest version need, the IVF index included.

        Otherwise the first search does, and waits for it. With `check`, the recall and speed of
        the index are measured on captions of this wall. For `engine` and `ray_address` see
        `Wall.add`.
        """
        from cavewall.maintenance.build_index import make_index

        chosen, placing = self.connection.version().one_space(space), None
        if _uses_cluster(engine, ray_address):
            from cavewall.cluster.index import assign_on_ray

            placing = assign_on_ray(chosen, ray_address)
        return make_index(chosen, chosen.texts, check, progress, placing)
