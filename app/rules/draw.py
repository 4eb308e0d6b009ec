"""Drawing lots for the re-check of approvals: from the seal of the approval's own event.

Nobody knows a seal before the approval is written, and nobody can change it afterwards; whoever has
the seed repeats the draw with any SHA-256 tool (docs/adr/0032).
"""

from dataclasses import dataclass
from hashlib import sha256

RANGE = 2**32


@dataclass(frozen=True)
class Draw:
    """One draw: the lot that the seed gives, from 0 to RANGE - 1, and the percentage it is held
    against."""

    seed: str
    percent: int

    @property
    def lot(self) -> int:
        """The first eight hexadecimal digits of the seed's SHA-256, as a number."""
        return int(sha256(self.seed.encode("ascii")).hexdigest()[:8], 16)

    @property
    def below(self) -> int:
        """Lots below this one are drawn."""
        return RANGE * self.percent // 100

    @property
    def drawn(self) -> bool:
        """Whether the approval is checked again."""
        return self.lot < self.below

    def __str__(self) -> str:
        """All that it takes to repeat the draw, for the record."""
        return f"seed={self.seed} lot={self.lot} below={self.below} percent={self.percent}"
