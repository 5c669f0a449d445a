"""What an operator costs, learned from its runs: a line through seconds over bytes, old runs slowly forgotten."""

from __future__ import annotations

from dataclasses import dataclass

from workflows.ports import LOADING, UNMEASURED

_LARGE = 100_000_000  # bytes
MEMORY = 64.0  # runs: the weight of all earlier ones never exceeds that of so many


@dataclass(frozen=True, slots=True)
class Sums:
    """Weighted sums over runs, with x the bytes and y the seconds: all that least squares need. A row of a catalog."""

    n: float = 0.0
    x: float = 0.0
    y: float = 0.0
    xx: float = 0.0
    xy: float = 0.0

    def add(self, size: int, seconds: float) -> Sums:
        """The sums with one more run."""
        keep = min(1.0, MEMORY / (self.n + 1.0))
        return Sums(
            self.n * keep + 1.0,
            self.x * keep + size,
            self.y * keep + seconds,
            self.xx * keep + float(size) * size,
            self.xy * keep + size * seconds,
        )

    def line(self) -> tuple[float, float]:
        """(seconds at no bytes, seconds a byte), neither negative; the mean where the sizes tell nothing."""
        if not self.n:
            return 0.0, 0.0
        spread = self.n * self.xx - self.x * self.x
        if spread > 1e-9 * self.n * self.xx:
            slope = (self.n * self.xy - self.x * self.y) / spread
            if slope > 0.0:
                fixed = (self.y - slope * self.x) / self.n
                return (fixed, slope) if fixed >= 0.0 else (0.0, self.xy / self.xx)
        return self.y / self.n, 0.0


def begun(name: str) -> Sums:
    """The sums of an operator that never ran. For loading they hold a small and a large load of a modest disk, so that
    some noisy loads of kilobytes do not tell what megabytes take."""
    if name != LOADING:
        return Sums()
    return Sums().add(0, UNMEASURED.latency).add(_LARGE, UNMEASURED.load_seconds(_LARGE))
