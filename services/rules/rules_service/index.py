"""Where the vectors of the knowledge's examples lie: in Qdrant, embedded or a server, or simply in a matrix."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import NAMESPACE_OID, uuid5

from chassis.encoder import DIMENSIONS
from pydantic import SecretStr

if TYPE_CHECKING:
    import numpy as np
    from qdrant_client import QdrantClient

EXAMPLES_LOOKED_AT = 60
"""Nearest examples that are read: enough that several pieces are among them."""
TIMEOUT_S = 2


@dataclass(frozen=True)
class Example:
    """A way to ask, and the piece of the knowledge that answers it."""

    piece: str
    text: str


Scores = dict[str, float]
"""The best cosine of each piece, by its id."""


class Index(Protocol):
    """Finds the pieces whose examples are nearest to a vector. Both methods block."""

    def prepare(self, examples: Sequence[Example], vectors: "np.ndarray") -> None:
        """Take the examples in. Raises whatever its store raises."""

    def nearest(self, vector: "np.ndarray") -> Scores:
        """Return the best cosine of the nearest pieces. Raises whatever its store raises."""


class MatrixIndex:
    """All vectors in one matrix of this process: what remains when a Qdrant server is away."""

    def __init__(self) -> None:
        self._pieces: tuple[str, ...] = ()
        self.vectors: np.ndarray

    def prepare(self, examples: Sequence[Example], vectors: "np.ndarray") -> None:
        """Keep the vectors."""
        self._pieces = tuple(example.piece for example in examples)
        self.vectors = vectors

    def nearest(self, vector: "np.ndarray") -> Scores:
        """Compare with all."""
        return _best(zip(self._pieces, (self.vectors @ vector).tolist(), strict=True))


class QdrantIndex:
    """A Qdrant collection, named by its content: copies of the service share it, and other knowledge makes another."""

    def __init__(self, url: str | None = None, *, api_key: str | None = None) -> None:
        self._url = url
        self._api_key = api_key
        self._client: QdrantClient | None = None
        self._collection = ""

    def prepare(self, examples: Sequence[Example], vectors: "np.ndarray") -> None:
        """Make the collection if it is not there, and put the examples in; again changes nothing."""
        from qdrant_client import models

        client = self._connected()
        content = "\n".join(f"{example.piece}\t{example.text}" for example in examples)
        collection = f"knowledge_{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        if not client.collection_exists(collection):
            size = models.VectorParams(size=DIMENSIONS, distance=models.Distance.COSINE)
            client.create_collection(collection, vectors_config=size)
        points = [
            models.PointStruct(
                id=str(uuid5(NAMESPACE_OID, f"{example.piece}\t{example.text}")),
                vector=vector,
                payload={"piece": example.piece},
            )
            for example, vector in zip(examples, vectors.tolist(), strict=True)
        ]
        client.upsert(collection, points, wait=True)
        self._collection = collection

    def nearest(self, vector: "np.ndarray") -> Scores:
        """Ask for the nearest examples, exactly (there are only hundreds)."""
        from qdrant_client import models

        found = self._connected().query_points(
            self._collection,
            query=vector.tolist(),
            limit=EXAMPLES_LOOKED_AT,
            # The embedded Qdrant always is exact, and says so when asked to be.
            search_params=models.SearchParams(exact=True) if self._url else None,
        )
        return _best((str((point.payload or {})["piece"]), point.score) for point in found.points)

    def _connected(self) -> "QdrantClient":
        if self._client is None:
            from qdrant_client import QdrantClient

            self._client = (
                QdrantClient(url=self._url, api_key=self._api_key, timeout=TIMEOUT_S, check_compatibility=False)
                if self._url
                else QdrantClient(":memory:")
            )
        return self._client


def qdrant_index(address: SecretStr | None) -> QdrantIndex:
    """Return the index of a server, whose API key stands in its URL as the password; embedded without one."""
    if address is None:
        return QdrantIndex()
    url = urlsplit(address.get_secret_value())
    host = f"{url.hostname or ''}:{url.port}" if url.port else url.hostname or ""
    return QdrantIndex(urlunsplit((url.scheme, host, url.path, "", "")), api_key=url.password)


def _best(scores: Iterable[tuple[str, float]]) -> Scores:
    best: Scores = {}
    for piece, score in scores:
        best[piece] = max(score, best.get(piece, score))
    return best
